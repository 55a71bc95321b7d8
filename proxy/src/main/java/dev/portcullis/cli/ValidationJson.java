package dev.portcullis.cli;

import dev.portcullis.config.ConfigFile;
import dev.portcullis.config.Problem;
import dev.portcullis.config.Warning;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The outcome of validation for programs: {@code file}, {@code valid}, {@code problems}, {@code
 * warnings} and {@code insecureSettings}.
 */
final class ValidationJson {
    private static final JsonFactory JSON = new JsonFactory();

    private ValidationJson() {}

    static String of(Path file, ConfigFile.Result result) {
        var text = new StringWriter();
        try (var json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("file", file.toString());
            json.writeBooleanProperty("valid", result instanceof ConfigFile.Loaded);
            switch (result) {
                case ConfigFile.Loaded(var config, var warnings) ->
                        write(json, List.of(), warnings, config.insecureSettings());
                case ConfigFile.Invalid(var problems) ->
                        write(json, problems, List.of(), List.of());
            }
            json.writeEndObject();
        }
        return text.toString();
    }

    private static void write(
            JsonGenerator json,
            List<Problem> problems,
            List<Warning> warnings,
            List<String> insecureSettings) {
        json.writeArrayPropertyStart("problems");
        problems.forEach(problem -> write(json, problem));
        json.writeEndArray();
        json.writeArrayPropertyStart("warnings");
        warnings.forEach(warning -> write(json, warning));
        json.writeEndArray();
        json.writeArrayPropertyStart("insecureSettings");
        insecureSettings.forEach(json::writeString);
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, Problem problem) {
        json.writeStartObject();
        place(json, problem.line(), problem.column(), problem.key());
        json.writeStringProperty("found", problem.found());
        json.writeStringProperty("expected", problem.expected());
        if (problem.suggestion() != null) {
            json.writeStringProperty("suggestion", problem.suggestion());
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Warning warning) {
        json.writeStartObject();
        place(json, warning.line(), warning.column(), warning.key());
        json.writeStringProperty("message", warning.message());
        json.writeEndObject();
    }

    private static void place(JsonGenerator json, int line, int column, String key) {
        json.writeNumberProperty("line", line);
        json.writeNumberProperty("column", column);
        json.writeStringProperty("key", key);
    }
}
