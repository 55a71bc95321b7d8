package dev.portcullis.cli;

import dev.portcullis.audit.JsonText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows who is signed in, since when, from where, and how much each has open here. */
@Command(
        name = "list",
        description = "Who is signed in: since when, last used, from where, and how much is open.",
        mixinStandardHelpOptions = true)
final class SessionsListCommand implements Callable<Integer> {
    private final Map<String, String> env;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli before anything runs.
    private CommandSpec spec;

    @Mixin private final ControlOption control = new ControlOption();

    @Option(names = "--user", paramLabel = "NAME", description = "Only that user's.")
    private @Nullable String user;

    @Option(names = "--json", description = "Print one JSON object a line, for programs.")
    private boolean json;

    SessionsListCommand(Map<String, String> env) {
        this.env = env;
    }

    @Override
    public Integer call() {
        var request = new LinkedHashMap<String, String>();
        request.put("verb", "sessions-list");
        if (user != null) {
            request.put("user", user);
        }
        if (!json) {
            row(
                    Map.of(
                            "session", "SESSION",
                            "user", "USER",
                            "since", "SINCE",
                            "lastUsed", "LAST USED",
                            "from", "FROM",
                            "open", "OPEN"));
        }
        return control.ask(env, spec.commandLine(), request, json ? this::object : this::row);
    }

    private void row(Map<String, String> line) {
        spec.commandLine()
                .getOut()
                .printf(
                        "%-18s %-32s %-21s %-21s %-16s %5s%n",
                        line.get("session"),
                        line.get("user"),
                        seconds(line.get("since")),
                        seconds(line.get("lastUsed")),
                        line.getOrDefault("from", "-"),
                        line.get("open"));
    }

    private static String seconds(@Nullable String instant) {
        return instant == null ? "-" : instant.replaceFirst("\\.[0-9]+Z$", "Z");
    }

    private void object(Map<String, String> line) {
        var bytes = new ByteArrayOutputStream();
        try (var generator = JsonText.generator(bytes)) {
            generator.writeStartObject();
            line.forEach((name, value) -> {
                if (name.equals("open")) {
                    generator.writeNumberProperty(name, Integer.parseInt(value));
                } else {
                    generator.writeStringProperty(name, value);
                }
            });
            generator.writeEndObject();
        }
        spec.commandLine().getOut().println(bytes.toString(StandardCharsets.US_ASCII));
    }
}
