package dev.portcullis.admin;

import dev.portcullis.audit.JsonText;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/**
 * The answer to one command: any number of JSON objects, one a line, and then one that says how it
 * ended. One thread.
 */
public final class ControlAnswer {
    private static final int TEXT_MAX = 1024;

    private final OutputStream out;

    ControlAnswer(OutputStream out) {
        this.out = new BufferedOutputStream(out);
    }

    /**
     * One object.
     *
     * @param properties writes its properties
     */
    public void line(Consumer<JsonGenerator> properties) throws IOException {
        try (var json = JsonText.generator(out)) {
            json.writeStartObject();
            properties.accept(json);
            json.writeEndObject();
        }
        out.write('\n');
    }

    /** The command did what it is for. */
    public void done() throws IOException {
        line(json -> json.writeStringProperty("end", "done"));
        out.flush();
    }

    /**
     * The command did nothing.
     *
     * @param why one line each, for a person; no secret
     */
    public void refused(List<String> why) throws IOException {
        for (var reason : why) {
            line(json -> json.writeStringProperty("why", JsonText.capped(reason, TEXT_MAX)));
        }
        line(json -> json.writeStringProperty("end", "refused"));
        out.flush();
    }
}
