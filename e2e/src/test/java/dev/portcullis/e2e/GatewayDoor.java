package dev.portcullis.e2e;

import java.io.IOException;

/** A sidecar before the real Gateway. */
final class GatewayDoor {
    private GatewayDoor() {}

    static Sidecar start(RealParts parts) throws IOException {
        return Sidecar.start(parts.certificates(), settings(parts));
    }

    static SidecarSettings settings(RealParts parts) throws IOException {
        int port = parts.gateway().address().getPort();
        return new SidecarSettings(parts.certificates(), port, parts.issuer());
    }
}
