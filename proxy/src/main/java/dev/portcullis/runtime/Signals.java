package dev.portcullis.runtime;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;

/**
 * Hears SIGTERM, SIGINT and SIGHUP as often as they come. A shutdown hook hears the first one only,
 * and a second one is how an operator says that he will not wait.
 *
 * <p>{@code sun.misc.Signal} is in the supported-for-now module {@code jdk.unsupported}; it is
 * called by reflection, because javac warns about its name and cannot be told not to.
 */
public final class Signals {
    private Signals() {}

    /**
     * Replaces what the JVM would do at SIGHUP, which is to end.
     *
     * @param reload called on a thread of the JVM's, once per signal
     * @throws IllegalStateException as {@link #onStop}
     */
    public static void onHangUp(Runnable reload) {
        on(reload, "HUP");
    }

    /**
     * Replaces what the JVM would do at either signal.
     *
     * @param stop called on a thread of the JVM's, once per signal
     * @throws IllegalStateException if this Java has no signals, or keeps them with {@code -Xrs}
     */
    public static void onStop(Runnable stop) {
        on(stop, "TERM", "INT");
    }

    private static void on(Runnable action, String... names) {
        try {
            var signal = Class.forName("sun.misc.Signal");
            var handler = Class.forName("sun.misc.SignalHandler");
            // By the interface: a caller's lambda is of a class that we may not see.
            var run =
                    MethodHandles.lookup()
                            .findVirtual(Runnable.class, "run", methodType(void.class))
                            .bindTo(action);
            var ours =
                    MethodHandleProxies.asInterfaceInstance(
                            handler, MethodHandles.dropArguments(run, 0, signal));
            var handle = signal.getMethod("handle", signal, handler);
            var named = signal.getConstructor(String.class);
            for (var name : names) {
                handle.invoke(null, named.newInstance(name), ours);
            }
        } catch (ReflectiveOperationException missing) {
            throw new IllegalStateException(
                    "found no signals (expected: the module jdk.unsupported, and no -Xrs)",
                    missing);
        }
    }
}
