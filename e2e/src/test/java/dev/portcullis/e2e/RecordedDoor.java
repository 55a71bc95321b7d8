package dev.portcullis.e2e;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A sidecar with the recorder where the Gateway would be, and somebody signed in. */
final class RecordedDoor implements AutoCloseable {
    private final Sidecar sidecar;
    private final RecordingGateway recorder;
    private final TestCertificates certificates;

    private RecordedDoor(
            Sidecar sidecar, RecordingGateway recorder, TestCertificates certificates) {
        this.sidecar = sidecar;
        this.recorder = recorder;
        this.certificates = certificates;
    }

    static RecordedDoor start(RealParts parts) throws IOException {
        return start(parts, "{}");
    }

    /** With these limits. */
    static RecordedDoor start(RealParts parts, String limits) throws IOException {
        return start(parts, limits, "at+jwt");
    }

    /** With these limits, and access tokens that are told by this type. */
    static RecordedDoor start(RealParts parts, String limits, String tokenType) throws IOException {
        var recorder = RecordingGateway.start();
        var settings =
                new SidecarSettings(parts.certificates(), recorder.port(), parts.issuer())
                        .section("limits", limits)
                        .tokenType(tokenType);
        return new RecordedDoor(
                Sidecar.start(parts.certificates(), settings), recorder, parts.certificates());
    }

    Sidecar sidecar() {
        return sidecar;
    }

    RecordingGateway recorder() {
        return recorder;
    }

    String cookie(Realm.Person person) throws IOException {
        return SignIn.cookie(certificates, sidecar, person);
    }

    /** What came of one request: the answer, and the heads that the recorder saw meanwhile. */
    record Outcome(Answer answer, List<String> heads) {}

    /**
     * Sends the bytes on a connection of their own.
     *
     * @param request with CRLF line ends, whole
     */
    Outcome send(String request) throws IOException {
        recorder.forget();
        try (var client = sidecar.connect()) {
            client.send(request);
            var answer = request.startsWith("HEAD ") ? client.answerToHead() : client.answer();
            var heads = new ArrayList<String>();
            recorder.requests().forEach(r -> heads.add(r.head()));
            return new Outcome(answer, heads);
        }
    }

    @Override
    public void close() throws IOException {
        sidecar.close();
        recorder.close();
    }
}
