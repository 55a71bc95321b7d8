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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Sign-ins under way, oldest first, so that room is always made at the right end. Any thread; every
 * change holds the one lock, and none takes longer than a few look-ups.
 */
final class SignInTable {
    private static final int PER_BROWSER_MAX = 5;

    private final int signInsMax;
    private final Duration lifetime;
    private final Consumer<String> onGone;
    private final LinkedHashMap<String, SignInState> byState = new LinkedHashMap<>();
    private final Map<String, Deque<String>> statesOfBrowser = new HashMap<>();

    SignInTable(int signInsMax, Duration lifetime) {
        this(signInsMax, lifetime, state -> {});
    }

    /**
     * @param onGone told of each state that is let go of, under the lock
     */
    SignInTable(int signInsMax, Duration lifetime, Consumer<String> onGone) {
        this.signInsMax = signInsMax;
        this.lifetime = lifetime;
        this.onGone = onGone;
    }

    synchronized void put(String state, SignInState signIn) {
        forget(state);
        var siblings = statesOfBrowser.get(signIn.browser());
        if (siblings != null && siblings.size() >= PER_BROWSER_MAX) {
            forget(siblings.getFirst());
        }
        if (byState.size() >= signInsMax) {
            forget(byState.firstEntry().getKey());
        }
        byState.put(state, signIn);
        statesOfBrowser
                .computeIfAbsent(signIn.browser(), b -> new ArrayDeque<>(PER_BROWSER_MAX))
                .addLast(state);
    }

    synchronized Optional<SignInState> take(String state, Instant now) {
        var signIn = forget(state);
        return signIn == null || hasEnded(signIn, now) ? Optional.empty() : Optional.of(signIn);
    }

    synchronized void removeExpired(Instant now) {
        while (!byState.isEmpty() && hasEnded(byState.firstEntry().getValue(), now)) {
            forget(byState.firstEntry().getKey());
        }
    }

    synchronized @Nullable SignInState peek(String state) {
        return byState.get(state);
    }

    synchronized Stream<String> states() {
        return List.copyOf(byState.keySet()).stream();
    }

    synchronized int size() {
        return byState.size();
    }

    private boolean hasEnded(SignInState signIn, Instant now) {
        return !now.isBefore(signIn.startedAt().plus(lifetime));
    }

    private @Nullable SignInState forget(String state) {
        var signIn = byState.remove(state);
        if (signIn != null) {
            onGone.accept(state);
            statesOfBrowser.computeIfPresent(
                    signIn.browser(),
                    (browser, states) -> {
                        states.remove(state);
                        return states.isEmpty() ? null : states;
                    });
        }
        return signIn;
    }
}
