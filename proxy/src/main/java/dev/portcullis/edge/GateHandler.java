package dev.portcullis.edge;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.LocalResponse;
import dev.portcullis.http.Refusal;
import dev.portcullis.http.RequestHead;
import dev.portcullis.http.ResponseHead;
import dev.portcullis.identity.Authentication;
import dev.portcullis.identity.Principal;
import dev.portcullis.login.ClientInfo;
import dev.portcullis.login.OwnRoutes;
import dev.portcullis.metrics.Limit;
import dev.portcullis.policy.Decision;
import dev.portcullis.policy.Permit;
import dev.portcullis.policy.RateLimit;
import dev.portcullis.session.LiveConnection;
import dev.portcullis.upstream.Admitted;
import dev.portcullis.upstream.RelayEnd;
import dev.portcullis.upstream.RelayFailure;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides each request of one connection, in the one order of answers: Host, credentials, Origin,
 * allow-list, limits; then writes it down, then lets it pass or answers it. One per connection.
 *
 * <p><b>In:</b> {@link RequestHead} and its body, or a {@link Refusal} of the codec. <b>Out,
 * towards the relay:</b> {@link Admitted} and the body. <b>From the relay:</b> an answer, or {@link
 * RelayFailure}. <b>Out, towards the codec:</b> answers.
 */
final class GateHandler extends ChannelDuplexHandler implements LiveConnection {
    private enum State {
        /** No request, or one whose answer is out. */
        IDLE,
        /** It is being judged, and perhaps somebody else must be asked; no body is read. */
        DECIDING,
        /** Our own routes have it. */
        OURS,
        /** The relay has it. */
        RELAYING
    }

    /** How long a stop waits for a request that was sent before its client could know. */
    private static final long LAST_REQUEST_MILLIS = 500;

    private final Supplier<Gate> gates;
    private final UserSlot slot = new UserSlot();
    private Gate gate;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ClientConnection client;
    private @Nullable LiveRegistration live;
    private @Nullable RequestTrail trail;
    private State state = State.IDLE;
    private @Nullable Reason endedMeanwhile;
    private boolean decidedLater;
    private boolean answerBegun;
    private boolean tunnel;
    private boolean draining;
    private Reason socketEnd = Reason.CLIENT_CLOSED;
    private int status;

    /**
     * @param gates the one of the moment; a request keeps the one it began with
     */
    GateHandler(Supplier<Gate> gates) {
        this.gates = gates;
        this.gate = gates.get();
    }

    // --- a request comes ---------------------------------------------------------------------

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case RequestHead head -> begin(ctx, head);
            case Refusal refusal -> refuse(ctx, refusal);
            default -> body(ctx, message);
        }
    }

    private void begin(ChannelHandlerContext ctx, RequestHead head) {
        gate = gates.get();
        endedMeanwhile = null;
        decidedLater = false;
        answerBegun = false;
        if (client == null) {
            client = ClientConnection.of(ctx.channel());
        }
        trail(head);
        state = State.DECIDING;
        if (draining) {
            ctx.write(AnswerSignal.LAST);
        }
        var refused = GateChecks.ofUnknown(gate, client(), head);
        if (refused != null) {
            ctx.write(AnswerSignal.LAST);
            deny(ctx, refused);
        } else if (OwnRoutes.owns(head.target().path())) {
            answerOurselves(ctx, head);
        } else {
            authenticate(ctx, head);
        }
    }

    private void authenticate(ChannelHandlerContext ctx, RequestHead head) {
        var pending =
                gate.authenticator().authenticate(head, client().facts()).toCompletableFuture();
        if (pending.isDone() && !pending.isCompletedExceptionally()) {
            act(ctx, head, gate.policy().decide(head, pending.join(), gate.clock().instant()));
            return;
        }
        decidedLater = true;
        pending.whenCompleteAsync(
                (authentication, failure) ->
                        orFail(
                                ctx,
                                () -> decided(ctx, head, failure == null ? authentication : null)),
                ctx.executor());
    }

    /** For work that no handler's call carries: its faults too are told where all are. */
    private static void orFail(ChannelHandlerContext ctx, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException fault) {
            ctx.fireExceptionCaught(fault);
        }
    }

    /**
     * Whoever is gone meanwhile gets no decision, and no line in the audit log: nothing of his was
     * forwarded, and nobody was told anything.
     *
     * @param authentication null if there is no answer
     */
    private void decided(
            ChannelHandlerContext ctx, RequestHead head, @Nullable Authentication authentication) {
        if (state != State.DECIDING || !ctx.channel().isActive()) {
            return;
        }
        var ended = endedMeanwhile;
        if (ended != null) {
            denyAsLast(ctx, new Decision.Deny(statusOf(ended), ended, proven(authentication)));
        } else if (!gates.get().equals(gate)) { // What the old one trusted counts for nothing.
            gate = gates.get();
            authenticate(ctx, head);
        } else if (authentication == null) {
            act(ctx, head, new Decision.Deny(503, Reason.STORE_UNAVAILABLE));
        } else {
            act(ctx, head, gate.policy().decide(head, authentication, gate.clock().instant()));
        }
    }

    private static @Nullable Principal proven(@Nullable Authentication authentication) {
        return authentication instanceof Authentication.Authenticated(Principal principal)
                ? principal
                : null;
    }

    private void act(ChannelHandlerContext ctx, RequestHead head, Decision decision) {
        switch (decision) {
            case Decision.Allow(Permit permit) -> allow(ctx, head, permit);
            case Decision.Deny deny -> refuse(ctx, deny);
            case Decision.Challenge(Reason reason) -> {
                lastIfTooFast(ctx);
                answer(ctx, Denials.challenge(trail(), head, reason));
            }
        }
    }

    private void refuse(ChannelHandlerContext ctx, Decision.Deny deny) {
        var locked = RateChecks.ofDenied(gate.rates(), client().address(), deny);
        if (locked != null) {
            ctx.write(AnswerSignal.LAST); // Each further guess costs a connection.
            answer(ctx, Denials.rateLimited(gate, trail(), locked, null));
            return;
        }
        lastIfTooFast(ctx);
        if (GateChecks.needsAnotherConnection(deny.reason())) {
            ctx.write(AnswerSignal.LAST);
        }
        answer(ctx, Denials.of(gate, trail(), deny));
    }

    /**
     * A refusal is no cheaper to write down than an answer: who is refused faster than the limit
     * pays with a new connection for each.
     */
    private void lastIfTooFast(ChannelHandlerContext ctx) {
        if (gate.rates().unproven().tryOne(client().address())
                instanceof RateLimit.Verdict.Refused) {
            gate.meters().limitReached(Limit.RATE_ADDRESS);
            ctx.write(AnswerSignal.LAST);
        }
    }

    // --- it may pass -------------------------------------------------------------------------

    private void allow(ChannelHandlerContext ctx, RequestHead head, Permit permit) {
        var slow = RateChecks.ofPermitted(gate.rates(), client().address(), permit);
        if (slow != null) {
            answer(ctx, Denials.rateLimited(gate, trail(), slow, permit));
            return;
        }
        var limit = GateChecks.ofPermitted(gate, head, permit, slot);
        if (limit != null) {
            answer(ctx, Denials.limited(gate, trail(), limit, permit));
            return;
        }
        if (!trail().allowed(permit)) {
            answer(ctx, Denials.unaudited(gate, trail()));
            return;
        }
        register(ctx, permit);
        relay(ctx, head, permit);
    }

    private void register(ChannelHandlerContext ctx, Permit permit) {
        var standing = live;
        if (standing == null || !standing.isFor(permit)) {
            if (standing != null) {
                standing.close();
            }
            standing = new LiveRegistration(gate, permit, this, ctx.executor());
            live = standing;
            Unproven.proven(ctx.channel());
        }
    }

    private void relay(ChannelHandlerContext ctx, RequestHead head, Permit permit) {
        state = State.RELAYING;
        if (head.expectsContinue()) {
            ctx.write(AnswerSignal.CONTINUE);
        }
        var registration = Objects.requireNonNull(live);
        ctx.fireChannelRead(
                new Admitted(head, permit, client().forwardedFor(), registration::active));
        if (state == State.RELAYING) {
            registration.confirm(decidedLater);
            boolean replaced = !gates.get().equals(gate); // Before it was listed.
            if (replaced) {
                judgeAgain(ctx, null);
            }
        }
    }

    private void body(ChannelHandlerContext ctx, Object message) {
        switch (state) {
            case RELAYING, OURS -> ctx.fireChannelRead(message);
            case IDLE, DECIDING -> ReferenceCountUtil.release(message);
        }
    }

    // --- it is for us ------------------------------------------------------------------------

    private void answerOurselves(ChannelHandlerContext ctx, RequestHead head) {
        var slow = RateChecks.ofOwn(gate.rates(), client().address(), head);
        if (slow != null) {
            ctx.write(AnswerSignal.LAST); // Nobody is known who could be told to behave.
            answer(ctx, Denials.rateLimited(gate, trail(), slow, null));
            return;
        }
        state = State.OURS;
        var info = new ClientInfo(trail().requestId(), client().remote());
        ctx.fireChannelRead(new OwnCall(gate.ownRoutes(), head, info));
    }

    // --- it is refused -----------------------------------------------------------------------

    private void refuse(ChannelHandlerContext ctx, Refusal refusal) {
        if (client == null) {
            client = ClientConnection.of(ctx.channel());
        }
        if (state == State.IDLE) {
            answerBegun = false;
            trail(null);
        }
        end(ctx, refusal.status(), refusal.reason());
    }

    private void end(ChannelHandlerContext ctx, int status, Reason reason) {
        if (state == State.RELAYING || state == State.OURS) {
            ctx.fireUserEventTriggered(new RelayEnd(reason));
        }
        denyAsLast(ctx, new Decision.Deny(status, reason));
    }

    /**
     * Something broke on our side on the way of a request: whoever waits for its answer is told so.
     *
     * @return false if nobody can be told
     */
    boolean failed() {
        boolean waited = state != State.IDLE && !answerBegun;
        if (waited) {
            end(Objects.requireNonNull(context), 500, Reason.INTERNAL_ERROR);
        }
        return waited;
    }

    /** No request ends without an answer, but for one whose answer has begun. */
    private void denyAsLast(ChannelHandlerContext ctx, Decision.Deny deny) {
        if (answerBegun) {
            breakOff(ctx, deny.reason());
            return;
        }
        ctx.write(AnswerSignal.LAST);
        if (trail().isAllowed()) {
            answer(ctx, Denials.noAnswer(gate, trail(), deny.status(), deny.reason()));
        } else {
            deny(ctx, deny);
        }
    }

    /** What is missing of an answer must not look complete. */
    private void breakOff(ChannelHandlerContext ctx, Reason reason) {
        if (state != State.IDLE) {
            over();
            trail().failed(reason, 0);
        }
        ctx.close();
    }

    private void deny(ChannelHandlerContext ctx, Decision.Deny deny) {
        answer(ctx, Denials.plain(gate, trail(), deny));
    }

    private void answer(ChannelHandlerContext ctx, LocalResponse response) {
        over();
        status = response.status();
        trail().answered(status, false);
        OwnAnswers.write(ctx, response, trail().requestId(), gate.clock().instant());
    }

    /** A request has its end; a socket keeps its slot until its connection has. */
    private void over() {
        state = State.IDLE;
        if (!tunnel) {
            slot.giveBack();
        }
    }

    // --- the Gateway answers -----------------------------------------------------------------

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        switch (message) {
            case ResponseHead head -> {
                answerBegun = true;
                status = head.status();
                tunnel = status == ResponseHead.SWITCHING_PROTOCOLS;
                ctx.write(OwnAnswers.relayed(head, trail().requestId()), promise);
                if (tunnel) {
                    socketOpened(ctx);
                }
            }
            case BodyEnd end -> {
                if (!tunnel) { // Else it is our side of it that ends: see channelInactive.
                    over();
                    trail().answered(status, true);
                }
                ctx.write(end, promise);
            }
            case LocalResponse response -> {
                promise.setSuccess();
                orFail(ctx, () -> answerByUs(ctx, response));
            }
            case RelayFailure failure -> {
                promise.setSuccess();
                orFail(ctx, () -> noAnswer(ctx, failure));
            }
            default -> ctx.write(message, promise);
        }
    }

    private void answerByUs(ChannelHandlerContext ctx, LocalResponse response) {
        trail().answeredByUs(response.status());
        answer(ctx, response);
    }

    private void noAnswer(ChannelHandlerContext ctx, RelayFailure failure) {
        if (answerBegun) {
            breakOff(ctx, failure.reason());
        } else {
            answer(ctx, Denials.noAnswer(gate, trail(), failure.status(), failure.reason()));
        }
    }

    private void socketOpened(ChannelHandlerContext ctx) {
        trail().answered(status, true);
        trail().socketOpened();
        var ownRoutes = ctx.pipeline().get(OwnRoutesHandler.class);
        if (ownRoutes != null) {
            ctx.pipeline().remove(ownRoutes); // No request comes after this one.
        }
        if (draining) { // It was on its way when the stop was told, and nobody else tells it.
            ctx.executor().execute(() -> endSocket(ctx, Reason.SHUTTING_DOWN));
        }
    }

    // --- it ends -----------------------------------------------------------------------------

    /** An identity ended, or access was taken away. Any thread. */
    @Override
    public void close(Reason reason) {
        var ctx = Objects.requireNonNull(context);
        ctx.executor().execute(() -> orFail(ctx, () -> cut(ctx, statusOf(reason), reason)));
    }

    /** What a client is told whose request may not go on. */
    private static int statusOf(Reason ended) {
        return switch (ended) {
            case STORE_UNAVAILABLE -> 503;
            case ACCESS_CHANGED -> 403;
            default -> 401;
        };
    }

    /**
     * @param status for a request that has no answer yet
     */
    private void cut(ChannelHandlerContext ctx, int status, Reason reason) {
        if (state == State.DECIDING) {
            endedMeanwhile = reason; // The answer on its way may be older than this.
            return;
        }
        if (tunnel) {
            endSocket(ctx, reason);
        } else if (state == State.RELAYING) {
            end(ctx, status, reason);
        } // Between requests: the next one is judged anew.
    }

    private void endSocket(ChannelHandlerContext ctx, Reason reason) {
        if (tunnel) {
            socketEnd = reason;
            ctx.fireUserEventTriggered(new RelayEnd(reason));
        }
    }

    /** What this connection may do is not what it was. Any thread. */
    @Override
    public void judgeAgain(@Nullable Principal changed) {
        var ctx = Objects.requireNonNull(context);
        ctx.executor().execute(() -> orFail(ctx, () -> judgeAgain(ctx, changed)));
    }

    private void judgeAgain(ChannelHandlerContext ctx, @Nullable Principal changed) {
        var registration = live;
        var head = trail == null ? null : trail.head();
        if (registration == null || head == null || (state != State.RELAYING && !tunnel)) {
            return;
        }
        var principal = changed == null ? registration.principal() : changed;
        var deny = registration.judgeAgain(gates.get(), head, client().facts(), principal);
        if (deny != null) {
            cut(ctx, deny.status(), deny.reason());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        switch (event) {
            case Drain(long socketDelayMillis) -> drain(ctx, socketDelayMillis);
            case MemoryShort.CUT -> cutUnread();
            default -> ctx.fireUserEventTriggered(event);
        }
    }

    /** Whoever is cut hears nothing of it. */
    private void cutUnread() {
        socketEnd = Reason.OVERLOADED;
        if (state == State.RELAYING && !tunnel) {
            over();
            trail().cut(Reason.OVERLOADED);
        }
    }

    private void drain(ChannelHandlerContext ctx, long socketDelayMillis) {
        draining = true;
        if (tunnel) {
            ctx.executor()
                    .schedule(
                            () -> endSocket(ctx, Reason.SHUTTING_DOWN),
                            socketDelayMillis,
                            TimeUnit.MILLISECONDS);
        } else if (state == State.IDLE) {
            // What is on its way already is answered, as the last one.
            ctx.executor()
                    .schedule(() -> closeIfIdle(ctx), LAST_REQUEST_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            ctx.write(AnswerSignal.LAST);
        }
    }

    private void closeIfIdle(ChannelHandlerContext ctx) {
        if (state == State.IDLE) {
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        slot.giveBack();
        var registration = live;
        if (registration != null) {
            live = null;
            registration.close();
        }
        if (tunnel) {
            trail().socketClosed(socketEnd);
        }
        state = State.IDLE;
        tunnel = false;
        ctx.fireChannelInactive();
    }

    private void trail(@Nullable RequestHead head) {
        trail = new RequestTrail(gate, client(), head);
    }

    private RequestTrail trail() {
        return Objects.requireNonNull(trail);
    }

    private ClientConnection client() {
        return Objects.requireNonNull(client);
    }
}
