package dev.portcullis.testing;

import dev.portcullis.session.Session;
import dev.portcullis.session.SessionStore;
import dev.portcullis.session.SignInState;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * Monotonic time that is wherever the last call of a store says that now is: for tests in which
 * both clocks go alike, and a test says what time it is by what it passes.
 */
public final class TimeOfCalls implements LongSupplier {
    private static final Instant ORIGIN = Instant.parse("2026-01-01T00:00:00Z");

    private volatile long nanos;

    /** The store, each call of which takes this time along. */
    public <T extends SessionStore> T before(T store, Class<T> as) {
        return as.cast(
                Proxy.newProxyInstance(
                        as.getClassLoader(),
                        new Class<?>[] {as},
                        (_, method, arguments) -> {
                            takeAlong(arguments == null ? new Object[0] : arguments);
                            try {
                                return method.invoke(store, arguments);
                            } catch (InvocationTargetException thrown) {
                                throw thrown.getTargetException();
                            }
                        }));
    }

    /** It is that time now. */
    public void at(Instant now) {
        nanos = Duration.between(ORIGIN, now).toNanos();
    }

    private void takeAlong(Object[] arguments) {
        for (var argument : arguments) {
            var now =
                    switch (argument) {
                        case Instant instant -> instant;
                        case SignInState signIn -> signIn.startedAt();
                        default -> null;
                    };
            if (now != null) {
                at(now);
                return; // The first is now; a second one is until when.
            }
            if (argument instanceof Session session && arguments.length == 2) {
                at(session.startedAt());
            }
        }
    }

    @Override
    public long getAsLong() {
        return nanos;
    }
}
