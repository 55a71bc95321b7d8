package dev.portcullis.upstream;

import dev.portcullis.access.Role;
import dev.portcullis.access.UserName;
import dev.portcullis.config.AllowedUser;
import dev.portcullis.config.GatewayConfig;
import dev.portcullis.config.PublicOrigin;
import dev.portcullis.config.Secret;
import dev.portcullis.fuzz.Finding;
import dev.portcullis.http.Field;
import dev.portcullis.http.ParsedRequest;
import dev.portcullis.http.RelayedFields;
import dev.portcullis.http.RequestHead;
import dev.portcullis.http.RequestHeads;
import dev.portcullis.identity.Authentication;
import dev.portcullis.identity.Principal;
import dev.portcullis.policy.AllowList;
import dev.portcullis.policy.Decision;
import dev.portcullis.policy.Permit;
import dev.portcullis.policy.Policy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the Gateway gets of a request, written by the product's own writer. */
public final class Forwarded {
    /** The secret header's name. */
    public static final String USER_HEADER = "x-fuzz-user-0123456789abcdef0123456789abcdef";

    private static final int HEAD_MAX = 16 * 1024;
    private static final String KEY = "AAAAAAAAAAAAAAAAAAAAAA==";
    private static final PublicOrigin ORIGIN = new PublicOrigin("claw.test", 443);
    private static final GatewayHead WRITER =
            new GatewayHead(
                    new GatewayConfig(
                            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 18789),
                            new Secret(USER_HEADER),
                            "/"),
                    ORIGIN,
                    HEAD_MAX);
    private static final Permit PERMIT = permit();

    /** What stands in every head once, whatever a client sends. */
    private static final List<String> OURS =
            List.of(
                    "host",
                    "x-forwarded-for",
                    "x-forwarded-proto",
                    "x-forwarded-host",
                    "x-openclaw-scopes",
                    USER_HEADER);

    private Forwarded() {}

    private static Permit permit() {
        var alice = new UserName("alice@example.com");
        var policy =
                new Policy(
                        new AllowList(
                                List.of(new AllowedUser(alice, null, Role.OPERATOR, null, null))),
                        ORIGIN,
                        "/");
        var bytes =
                "GET / HTTP/1.1\r\nhost: claw.test\r\n\r\n"
                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        var head = (RequestHead) RequestHeads.parse(bytes, bytes.length, 8);
        var caller =
                new Authentication.Authenticated(
                        new Principal(alice, Set.of(), Principal.Means.SESSION, null, "fuzz"));
        return ((Decision.Allow) policy.decide(head, caller, Instant.EPOCH)).permit();
    }

    /** The head as it would travel; null if it is longer than the Gateway takes. */
    public static @Nullable ByteBuf head(RequestHead request, ByteBufAllocator allocator) {
        return WRITER.write(
                allocator,
                new Admitted(request, PERMIT, "192.0.2.1", () -> {}),
                request.isWebSocket() ? KEY : null);
    }

    /** Head and body as they would travel; null if the head is longer than the Gateway takes. */
    public static byte @Nullable [] bytes(RequestHead request, byte[] body) {
        var allocator = UnpooledByteBufAllocator.DEFAULT;
        var written = head(request, allocator);
        if (written == null) {
            return null;
        }
        var out = new ByteArrayOutputStream();
        add(out, written);
        if (request.bodyLength() != RequestHead.UNKNOWN_LENGTH) {
            out.writeBytes(body);
            return out.toByteArray();
        }
        if (body.length > 0) {
            add(out, Chunks.opening(allocator, body.length));
            out.writeBytes(body);
            add(out, Chunks.closing(allocator));
        }
        add(out, Chunks.last(allocator));
        return out.toByteArray();
    }

    private static void add(ByteArrayOutputStream out, ByteBuf bytes) {
        out.writeBytes(ByteBufUtil.getBytes(bytes));
        bytes.release();
    }

    /** Reports unless what travels reads as what was judged, with ours in it once. */
    public static void check(RequestHead request, ByteBufAllocator allocator) {
        var written = head(request, allocator);
        if (written == null) {
            return;
        }
        var bytes = ByteBufUtil.getBytes(written);
        written.release();
        ParsedRequest again = RequestHeads.parse(bytes, bytes.length, 128);
        if (!(again instanceof RequestHead read)) {
            Finding.unless(false, "what travels is refused by ourselves: " + again);
            return;
        }
        Finding.unlessEqual(request.method(), read.method(), "method");
        Finding.unlessEqual(request.target(), read.target(), "target");
        Finding.unlessEqual(request.bodyLength(), read.bodyLength(), "body length");
        Finding.unlessEqual(request.isWebSocket(), read.isWebSocket(), "upgrade");
        Finding.unlessEqual("claw.test", read.authority(), "host");
        for (var name : OURS.subList(1, OURS.size())) {
            Finding.unlessEqual(1, read.fields().count(name), name + " not once");
        }
        Finding.unlessEqual(theirs(request), theirs(read), "fields");
    }

    private static List<Field> theirs(RequestHead head) {
        var fields = new ArrayList<Field>();
        for (var field : head.fields()) {
            if (RelayedFields.travels(field.name()) && !field.name().equals("cookie")) {
                fields.add(field);
            }
        }
        return fields;
    }
}
