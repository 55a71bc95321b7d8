package dev.portcullis.session;

import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A store that fails whatever it is asked. */
public final class UnreachableStore {
    private UnreachableStore() {}

    /** A new one. */
    public static SessionStore create() {
        return (SessionStore)
                Proxy.newProxyInstance(
                        SessionStore.class.getClassLoader(),
                        new Class<?>[] {SessionStore.class},
                        (proxy, method, arguments) ->
                                method.getReturnType() == CompletionStage.class
                                        ? CompletableFuture.failedStage(
                                                new IllegalStateException("out of reach"))
                                        : null);
    }
}
