package dev.portcullis.cli;

import dev.portcullis.audit.JsonText;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Has the running sidecar do something, over its control socket. */
final class ControlCall {
    private static final JsonFactory JSON = new JsonFactory();

    private ControlCall() {}

    /** How it went. */
    sealed interface Outcome {
        /** It did it. */
        record Done() implements Outcome {}

        /** It is there, and did not; it said why in lines of {@code why}. */
        record Refused() implements Outcome {}

        /** There is no sidecar to ask. */
        record Silence(String why) implements Outcome {}
    }

    /**
     * Asks, and hands on every line of the answer.
     *
     * @param request {@code verb} and what belongs to it
     * @param lines takes the properties of each line but the last
     */
    static Outcome ask(
            Path socket, Map<String, String> request, Consumer<Map<String, String>> lines) {
        try (var connection = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            var bytes = ByteBuffer.wrap(json(request));
            while (bytes.hasRemaining()) {
                connection.write(bytes);
            }
            return read(
                    new BufferedReader(Channels.newReader(connection, StandardCharsets.UTF_8)),
                    lines);
        } catch (IOException failure) {
            return new Outcome.Silence(
                    socket
                            + ": no sidecar runs there, or this user may not speak to it ("
                            + failure.getMessage()
                            + ")");
        } catch (JacksonException garbled) {
            return new Outcome.Silence(socket + ": an answer that is not JSON");
        }
    }

    private static Outcome read(BufferedReader answer, Consumer<Map<String, String>> lines)
            throws IOException {
        for (var line = answer.readLine(); line != null; line = answer.readLine()) {
            var properties = flat(line);
            var end = properties.get("end");
            if (end != null) {
                return end.equals("done") ? new Outcome.Done() : new Outcome.Refused();
            }
            lines.accept(properties);
        }
        return new Outcome.Silence("the sidecar gave no whole answer");
    }

    private static Map<String, String> flat(String line) {
        var properties = new LinkedHashMap<String, String>();
        try (var parser = JSON.createParser(ObjectReadContext.empty(), line)) {
            for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token.isScalarValue() && token != JsonToken.VALUE_NULL) {
                    properties.put(parser.currentName(), parser.getString());
                }
            }
        }
        return properties;
    }

    private static byte[] json(Map<String, String> request) {
        var bytes = new ByteArrayOutputStream();
        try (var generator = JsonText.generator(bytes)) {
            generator.writeStartObject();
            request.forEach(generator::writeStringProperty);
            generator.writeEndObject();
        }
        bytes.write('\n');
        return bytes.toByteArray();
    }
}
