package dev.portcullis.state;

import dev.portcullis.session.SignInState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Sign-ins under way, oldest first, so that room is always made at the right end. Any thread; every
 * change holds the one lock, and none takes longer than a few look-ups. How long one may take is
 * measured in monotonic time, as in {@link SessionTable}.
 */
final class SignInTable {
    private static final int PER_BROWSER_MAX = 5;

    private record UnderWay(SignInState signIn, long sinceNanos) {}

    private final int signInsMax;
    private final Duration lifetime;
    private final LongSupplier nanoTime;
    private final Consumer<String> onGone;
    private final LinkedHashMap<String, UnderWay> byState = new LinkedHashMap<>();
    private final Map<String, Deque<String>> statesOfBrowser = new HashMap<>();

    SignInTable(int signInsMax, Duration lifetime, LongSupplier nanoTime) {
        this(signInsMax, lifetime, nanoTime, state -> {});
    }

    /**
     * @param nanoTime monotonic time, such as {@code System::nanoTime}
     * @param onGone told of each state that is let go of, under the lock
     */
    SignInTable(int signInsMax, Duration lifetime, LongSupplier nanoTime, Consumer<String> onGone) {
        this.signInsMax = signInsMax;
        this.lifetime = lifetime;
        this.nanoTime = nanoTime;
        this.onGone = onGone;
    }

    /** Adds one that begins now. */
    void put(String state, SignInState signIn) {
        takeUp(state, signIn, signIn.startedAt());
    }

    /** Adds one that may have begun before. */
    synchronized void takeUp(String state, SignInState signIn, Instant now) {
        forget(state);
        var siblings = statesOfBrowser.get(signIn.browser());
        if (siblings != null && siblings.size() >= PER_BROWSER_MAX) {
            forget(siblings.getFirst());
        }
        if (byState.size() >= signInsMax) {
            forget(byState.firstEntry().getKey());
        }
        var age = Duration.between(signIn.startedAt(), now);
        long ageNanos = age.isNegative() ? 0 : age.toNanos();
        byState.put(state, new UnderWay(signIn, nanoTime.getAsLong() - ageNanos));
        statesOfBrowser
                .computeIfAbsent(signIn.browser(), b -> new ArrayDeque<>(PER_BROWSER_MAX))
                .addLast(state);
    }

    synchronized Optional<SignInState> take(String state) {
        var underWay = forget(state);
        return underWay == null || hasEnded(underWay)
                ? Optional.empty()
                : Optional.of(underWay.signIn);
    }

    synchronized void removeExpired() {
        while (!byState.isEmpty() && hasEnded(byState.firstEntry().getValue())) {
            forget(byState.firstEntry().getKey());
        }
    }

    synchronized @Nullable SignInState peek(String state) {
        var underWay = byState.get(state);
        return underWay == null ? null : underWay.signIn;
    }

    synchronized Stream<String> states() {
        return List.copyOf(byState.keySet()).stream();
    }

    synchronized int size() {
        return byState.size();
    }

    private boolean hasEnded(UnderWay underWay) {
        return nanoTime.getAsLong() - underWay.sinceNanos >= lifetime.toNanos();
    }

    private @Nullable UnderWay forget(String state) {
        var underWay = byState.remove(state);
        if (underWay != null) {
            onGone.accept(state);
            statesOfBrowser.computeIfPresent(
                    underWay.signIn.browser(),
                    (browser, states) -> {
                        states.remove(state);
                        return states.isEmpty() ? null : states;
                    });
        }
        return underWay;
    }
}
