package dev.portcullis.config;

import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * The plain part of YAML 1.2: one document of blocks, lists and scalars. Anchors, aliases, tags and
 * depth are refused on the event stream, before a tree is built, so that no file can make us build
 * a large or deep one. No message repeats what stands in the file: it may be half a secret.
 */
final class ConfigTree {
    private static final int DEPTH_MAX = 16;
    private static final LoadSettings SETTINGS =
            LoadSettings.builder()
                    .setCodePointLimit(ConfigText.BYTES_MAX)
                    .setAllowNonScalarKeys(true) // Refused later, where their place is known.
                    .build();

    private final Findings findings;
    private int depth;
    private int documents;
    private boolean refused;

    private ConfigTree(Findings findings) {
        this.findings = findings;
    }

    /** The top block, or empty after saying why there is none. */
    static Optional<MappingNode> read(String text, Findings findings) {
        try {
            return new ConfigTree(findings).tree(text);
        } catch (MarkedYamlEngineException e) {
            var at = e.getProblemMark().or(e::getContextMark).map(Position::of);
            var found = "text that is not YAML: " + Shown.line(e.getProblem());
            findings.problem(at.orElse(Position.START), "", found, "YAML");
        } catch (YamlEngineException _) {
            findings.problem(Position.START, "", "text that is not YAML", "YAML");
        }
        return Optional.empty();
    }

    private Optional<MappingNode> tree(String text) {
        for (var event : new Parse(SETTINGS).parseString(text)) {
            check(event);
            if (depth > DEPTH_MAX) {
                return Optional.empty();
            }
        }
        if (refused) {
            return Optional.empty();
        }
        return new Compose(SETTINGS).composeString(text).flatMap(this::block).or(this::empty);
    }

    private void check(Event event) {
        switch (event) {
            case DocumentStartEvent _ -> {
                if (documents++ > 0) {
                    refuse(event, "a second document", "one YAML document");
                }
            }
            case AliasEvent _ -> refuse(event, "an alias (*)", "the value itself");
            case NodeEvent node when node.getAnchor().isPresent() ->
                    refuse(event, "an anchor (&)", "the value alone");
            case ScalarEvent scalar when scalar.getTag().isPresent() -> tagged(event);
            case CollectionStartEvent start -> {
                start.getTag().ifPresent(_ -> tagged(event));
                if (++depth > DEPTH_MAX) {
                    refuse(event, "blocks nested deeper than 16", "the keys of this file");
                }
            }
            case CollectionEndEvent _ -> depth--;
            default -> {} // Comments and ends: nothing to refuse.
        }
    }

    private void tagged(Event event) {
        refuse(event, "a tag (!)", "the value alone");
    }

    private void refuse(Event event, String found, String expected) {
        refused = true;
        var at = event.getStartMark().map(Position::of).orElse(Position.START);
        findings.problem(at, "", found, expected);
    }

    private Optional<MappingNode> block(Node node) {
        if (node instanceof MappingNode block) {
            return Optional.of(block);
        }
        refused = true;
        findings.problem(Position.of(node), "", Shown.kind(node), "keys, one per line");
        return Optional.empty();
    }

    private Optional<MappingNode> empty() {
        if (!refused) {
            findings.problem(Position.START, "", "an empty file", "keys, one per line");
        }
        return Optional.empty();
    }
}
