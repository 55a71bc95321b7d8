package dev.portcullis.admin;

import dev.portcullis.http.LocalResponse;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers one request and closes. In: Netty's HTTP messages, all released here. Out: one whole
 * answer. One per connection.
 */
final class AdminHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(AdminHandler.class);

    private final AdminAnswers answers;
    private boolean answered;

    AdminHandler(AdminAnswers answers) {
        this.answers = answers;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (!answered && message instanceof HttpRequest request) {
                answered = true;
                boolean head = request.method().name().equals("HEAD");
                write(ctx, answer(request), head);
            }
        } finally {
            ReferenceCountUtil.release(message); // A body is of no interest here.
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.atDebug().addKeyValue("kind", cause.getClass().getName()).log("admin connection ended");
        ctx.close();
    }

    private LocalResponse answer(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            return LocalResponse.text(400, "not a request (expected: HTTP/1.1)\n");
        }
        return answers.answer(request.method().name(), request.uri(), onlyHost(request));
    }

    private static @Nullable String onlyHost(HttpRequest request) {
        var hosts = request.headers().getAll(HttpHeaderNames.HOST);
        return hosts.size() == 1 ? hosts.getFirst() : null;
    }

    private static void write(ChannelHandlerContext ctx, LocalResponse answer, boolean head) {
        var body = answer.body();
        var response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        HttpResponseStatus.valueOf(answer.status()),
                        head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body.toByteArray()));
        answer.fields().forEach(field -> response.headers().add(field.name(), field.value()));
        response.headers()
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length())
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE)
                .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
                .set("x-content-type-options", "nosniff");
        ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }
}
