package dev.portcullis.edge;

import dev.portcullis.fuzz.Finding;
import dev.portcullis.fuzz.Pieces;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The header of PROXY protocol, both versions, with what comes behind it: more bytes never change
 * what was read, whoever is named can be named again in our own words, and behind a header exactly
 * the other bytes pass, after the client was admitted once. What is none lets nothing pass.
 */
public final class ProxyFuzz {
    private static final Duration TIME = Duration.ofSeconds(5);
    private static final InetSocketAddress PEER =
            new InetSocketAddress(InetAddress.ofLiteral("192.0.2.99"), 40_000);

    /** What a connection came to. */
    private record Reading(List<InetSocketAddress> admitted, String passed, boolean open) {}

    private ProxyFuzz() {}

    /** From a balancer. */
    private static final class Connection extends EmbeddedChannel {
        @Override
        protected SocketAddress remoteAddress0() {
            return PEER;
        }
    }

    /** One input. */
    public static void fuzzerTestOneInput(byte[] input) {
        var header = read(input, input.length);
        everyPrefixFits(input, header);
        if (header instanceof ProxyHeader.Client(InetSocketAddress client, int length)) {
            canBeNamedAgain(client);
            Finding.unless(length <= input.length, "longer than what came");
        }
        try (var pieces = new Pieces()) {
            var whole = connect(pieces.whole(input));
            Finding.unlessEqual(whole, connect(pieces.cut(input)), "whole and in pieces differ");
            Finding.unlessEqual(whole, expected(header, input), "not what the header says");
        }
    }

    private static ProxyHeader read(byte[] input, int length) {
        return ProxyHeader.read(Unpooled.wrappedBuffer(input, 0, length));
    }

    private static void everyPrefixFits(byte[] input, ProxyHeader whole) {
        int decided =
                switch (whole) {
                    case ProxyHeader.Client(_, int length) -> length;
                    case ProxyHeader.Balancer(int length) -> length;
                    case ProxyHeader.Incomplete _ -> input.length + 1;
                    case ProxyHeader.Malformed _ -> 0;
                };
        ProxyHeader before = new ProxyHeader.Incomplete();
        for (int length = 0; length < input.length; length++) {
            var header = read(input, length);
            boolean changed = !(before instanceof ProxyHeader.Incomplete) && !header.equals(before);
            Finding.unless(!changed, "more bytes changed what was read");
            if (decided > 0) {
                boolean early = !(header instanceof ProxyHeader.Incomplete) && length < decided;
                Finding.unless(!early, "read before it was there");
            }
            before = header;
        }
    }

    private static void canBeNamedAgain(InetSocketAddress client) {
        boolean four = client.getAddress() instanceof Inet4Address;
        var address = client.getAddress().getHostAddress();
        var other = four ? "192.0.2.1" : "2001:db8::1";
        var line =
                ("PROXY TCP" + (four ? 4 : 6) + " " + address + " " + other + " ")
                        + (client.getPort() + " 443\r\n");
        var bytes = line.getBytes(StandardCharsets.US_ASCII);
        Finding.unlessEqual(
                new ProxyHeader.Client(client, bytes.length),
                read(bytes, bytes.length),
                "another client when named in our words");
    }

    private static Reading expected(ProxyHeader header, byte[] input) {
        return switch (header) {
            case ProxyHeader.Client(var client, int length) ->
                    new Reading(List.of(client), rest(input, length), true);
            case ProxyHeader.Balancer(int length) ->
                    new Reading(List.of(PEER), rest(input, length), true);
            case ProxyHeader.Incomplete _, ProxyHeader.Malformed _ ->
                    new Reading(List.of(), "", false);
        };
    }

    private static String rest(byte[] input, int from) {
        return text(Arrays.copyOfRange(input, from, input.length));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static Reading connect(List<ByteBuf> pieces) {
        var admitted = new ArrayList<InetSocketAddress>();
        var passed = new ByteArrayOutputStream();
        var channel = new Connection();
        channel.freezeTime();
        var rest =
                new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object message) {
                        Finding.unless(admitted.size() == 1, "bytes before anybody was admitted");
                        var bytes = (ByteBuf) message;
                        passed.writeBytes(ByteBufUtil.getBytes(bytes));
                        bytes.release();
                    }
                };
        var goOn = new ArrayDeque<Runnable>(); // Room may have to be made first.
        var header =
                new ProxyProtocolHandler(
                        TIME,
                        (client, next) -> {
                            admitted.add(client);
                            goOn.add(next);
                        });
        channel.pipeline().addLast(header, rest);
        for (var piece : pieces) {
            boolean isRoom = !goOn.isEmpty();
            if (channel.isOpen()) {
                channel.writeInbound(piece);
            } else {
                piece.release();
            }
            if (isRoom) {
                goOn.forEach(Runnable::run);
                goOn.clear();
            }
        }
        goOn.forEach(Runnable::run);
        channel.advanceTimeBy(TIME.toSeconds() + 1, TimeUnit.SECONDS);
        channel.runPendingTasks();
        boolean open = channel.isOpen();
        channel.finishAndReleaseAll();
        return new Reading(admitted, text(passed.toByteArray()), open);
    }
}
