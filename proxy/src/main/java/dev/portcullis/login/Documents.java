package dev.portcullis.login;

import dev.portcullis.http.Fields;
import dev.portcullis.http.LocalResponse;
import dev.portcullis.session.Session;
import java.io.StringWriter;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** What programs read: problem documents (RFC 9457) and the caller's own session, as JSON. */
final class Documents {
    private static final JsonFactory FACTORY = JsonFactory.builder().build();

    private Documents() {}

    /** Says what is wrong. The type is left out: the status says it all. */
    static LocalResponse problem(int status, String title, String detail, String requestId) {
        return json(
                status,
                "application/problem+json",
                out -> {
                    out.writeNumberProperty("status", status);
                    out.writeStringProperty("title", title);
                    out.writeStringProperty("detail", detail);
                    out.writeStringProperty("instance", "urn:portcullis:request:" + requestId);
                });
    }

    /** Who is signed in, since when and until when. */
    static LocalResponse session(Session session) {
        return json(
                200,
                "application/json",
                out -> {
                    out.writeStringProperty("user", session.user().value());
                    out.writeArrayPropertyStart("groups");
                    session.groups().stream().sorted().forEach(out::writeString);
                    out.writeEndArray();
                    out.writeStringProperty("issuer", session.issuer());
                    out.writeStringProperty(
                            "since",
                            session.startedAt().truncatedTo(ChronoUnit.SECONDS).toString());
                    out.writeStringProperty(
                            "ends", session.endsAt().truncatedTo(ChronoUnit.SECONDS).toString());
                    out.writeNumberProperty("idleSeconds", session.idle().toSeconds());
                });
    }

    /** What the caller writes, as one object. */
    static LocalResponse resource(Consumer<JsonGenerator> content) {
        return json(200, "application/json", content);
    }

    private static LocalResponse json(int status, String type, Consumer<JsonGenerator> content) {
        var text = new StringWriter();
        try (var out = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            out.writeStartObject();
            content.accept(out);
            out.writeEndObject();
        }
        return new LocalResponse(
                status,
                Fields.of("content-type", type),
                LocalResponse.Body.utf8(text.append('\n').toString()));
    }
}
