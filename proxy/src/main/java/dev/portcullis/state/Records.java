package dev.portcullis.state;

import dev.portcullis.access.UserName;
import dev.portcullis.config.Secret;
import dev.portcullis.session.Session;
import dev.portcullis.session.SignInState;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sessions and sign-ins as bytes, before they are sealed. The first byte is the format: what a
 * later release wrote is refused, not guessed.
 */
final class Records {
    private static final byte FORMAT = 1;
    private static final int TEXT_BYTES_MAX = 4 * 1024 * 1024;

    private Records() {}

    /** A session and when it was last used. */
    record Kept(Session session, Instant lastUsed) {}

    static byte[] of(Session session, Instant lastUsed) {
        return bytes(out -> {
            instant(out, lastUsed);
            text(out, session.reference());
            text(out, session.user().value());
            out.writeInt(session.groups().size());
            for (var group : session.groups()) {
                text(out, group);
            }
            text(out, session.issuer());
            text(out, session.subject());
            text(out, session.providerSession());
            text(out, session.idToken());
            instant(out, session.startedAt());
            instant(out, session.endsAt());
            out.writeLong(session.idle().toMillis());
            text(out, session.address());
            var refresh = session.refresh();
            out.writeBoolean(refresh != null);
            if (refresh != null) {
                text(out, refresh.token().expose());
                instant(out, refresh.at());
                instant(out, refresh.accessEndsAt());
            }
            out.writeLong(session.version());
        });
    }

    /**
     * @throws IOException if these are not the bytes of a session
     */
    static Kept session(byte[] bytes) throws IOException {
        var in = begin(bytes);
        var lastUsed = instant(in);
        var session =
                new Session(
                        required(in),
                        new UserName(required(in)),
                        groups(in),
                        required(in),
                        required(in),
                        text(in),
                        text(in),
                        instant(in),
                        instant(in),
                        Duration.ofMillis(in.readLong()),
                        text(in),
                        in.readBoolean()
                                ? new Session.Refresh(
                                        new Secret(required(in)), instant(in), instant(in))
                                : null,
                        in.readLong());
        return new Kept(session, lastUsed);
    }

    static byte[] of(SignInState signIn) {
        return bytes(out -> {
            text(out, signIn.browser());
            text(out, signIn.nonce());
            text(out, signIn.codeVerifier());
            text(out, signIn.returnTo());
            out.writeBoolean(signIn.silent());
            instant(out, signIn.startedAt());
        });
    }

    /**
     * @throws IOException if these are not the bytes of a sign-in
     */
    static SignInState signIn(byte[] bytes) throws IOException {
        var in = begin(bytes);
        return new SignInState(
                required(in),
                required(in),
                required(in),
                required(in),
                in.readBoolean(),
                instant(in));
    }

    /** An instant alone: until when an id is remembered. */
    static byte[] of(Instant until) {
        return bytes(out -> instant(out, until));
    }

    /**
     * @throws IOException if these are not the bytes of an instant
     */
    static Instant instant(byte[] bytes) throws IOException {
        return instant(begin(bytes));
    }

    @FunctionalInterface
    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private static byte[] bytes(Writing writing) {
        var bytes = new ByteArrayOutputStream(512);
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            writing.to(out);
        } catch (IOException cannotHappen) {
            throw new UncheckedIOException(cannotHappen);
        }
        return bytes.toByteArray();
    }

    private static DataInputStream begin(byte[] bytes) throws IOException {
        var in = new DataInputStream(new ByteArrayInputStream(bytes));
        int format = in.readByte();
        if (format != FORMAT) {
            throw new IOException("found a record of format " + format + " (expected: 1)");
        }
        return in;
    }

    private static void text(DataOutputStream out, @Nullable String text) throws IOException {
        if (text == null) {
            out.writeInt(-1);
            return;
        }
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static @Nullable String text(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0) {
            return null;
        }
        if (length > TEXT_BYTES_MAX || length > in.available()) {
            throw new IOException("found a text that is longer than its record");
        }
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    private static String required(DataInputStream in) throws IOException {
        var text = text(in);
        if (text == null) {
            throw new IOException("found no text where one is required");
        }
        return text;
    }

    private static Set<String> groups(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > in.available()) {
            throw new IOException("found more groups than the record can hold");
        }
        var groups = new ArrayList<String>(count);
        for (int i = 0; i < count; i++) {
            groups.add(required(in));
        }
        return Set.copyOf(groups);
    }

    private static void instant(DataOutputStream out, Instant instant) throws IOException {
        out.writeLong(instant.getEpochSecond());
        out.writeInt(instant.getNano());
    }

    private static Instant instant(DataInputStream in) throws IOException {
        return Instant.ofEpochSecond(in.readLong(), in.readInt());
    }
}
