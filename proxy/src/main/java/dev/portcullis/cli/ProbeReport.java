package dev.portcullis.cli;

import dev.portcullis.audit.JsonText;
import dev.portcullis.config.Problem;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Says how a probe came out: words on stdout and stderr, or one JSON object on stdout, and the exit
 * code.
 */
final class ProbeReport {
    private static final JsonFactory JSON = new JsonFactory();

    private final String question;
    private final boolean json;
    private final CommandLine commandLine;

    /**
     * @param question {@code live} or {@code ready}
     */
    ProbeReport(String question, boolean json, CommandLine commandLine) {
        this.question = question;
        this.json = json;
        this.commandLine = commandLine;
    }

    int positive() {
        commandLine.getOut().println(json ? object(true, null) : question);
        return ExitCode.FINE;
    }

    int negative(String why) {
        if (json) {
            commandLine.getOut().println(object(false, why));
        } else {
            commandLine.getErr().println("not " + question + ": " + why);
        }
        return ExitCode.REFUSED;
    }

    /** The configuration does not say where to ask. */
    int unknown(List<Problem> problems) {
        if (json) {
            commandLine.getOut().println(object(false, "the configuration is not usable"));
        }
        problems.forEach(commandLine.getErr()::println);
        return ExitCode.BAD_CONFIGURATION;
    }

    /** What {@code /ready} answered: passed on to programs, put into words for people. */
    int components(boolean ready, String body) {
        List<String> lines;
        try {
            lines = inWords(body);
        } catch (JacksonException garbled) {
            return negative("an answer that is not JSON (is this the admin listener?)");
        }
        if (json) {
            commandLine.getOut().println(body.strip());
        } else {
            commandLine.getOut().println(ready ? "ready" : "not ready");
            lines.forEach(commandLine.getOut()::println);
        }
        return ready ? ExitCode.FINE : ExitCode.REFUSED;
    }

    /** One line per component; the objects inside {@code components} are flat. */
    private static List<String> inWords(String body) {
        var lines = new ArrayList<String>();
        var component = new HashMap<String, String>();
        try (var parser = JSON.createParser(ObjectReadContext.empty(), body)) {
            for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token.isScalarValue()) {
                    component.put(parser.currentName(), parser.getString());
                } else if (token == JsonToken.START_OBJECT) {
                    component.clear();
                } else if (token == JsonToken.END_OBJECT && component.containsKey("name")) {
                    lines.add(inWords(component));
                    component.clear();
                }
            }
        }
        return lines;
    }

    private static String inWords(Map<String, String> component) {
        boolean ready = "true".equals(component.get("ready"));
        var detail = component.get("detail");
        return "  "
                + component.get("name")
                + (ready ? ": ready" : ": not ready")
                + (detail == null ? "" : ", " + detail);
    }

    private String object(boolean positive, @Nullable String why) {
        var bytes = new ByteArrayOutputStream();
        try (var generator = JsonText.generator(bytes)) {
            generator.writeStartObject();
            generator.writeBooleanProperty(question, positive);
            if (why != null) {
                generator.writeStringProperty("why", why);
            }
            generator.writeEndObject();
        }
        return bytes.toString(StandardCharsets.US_ASCII);
    }
}
