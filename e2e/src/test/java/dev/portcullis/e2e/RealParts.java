package dev.portcullis.e2e;

import dev.portcullis.demo.GatewayInstall;
import dev.portcullis.demo.RealGateway;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The real parts of one run: one Keycloak and one Gateway, started side by side when the first test
 * asks for either, stopped after the last.
 */
final class RealParts implements AutoCloseable {
    /** Names the one Gateway: who needs it up reads, who stops it or looks for traces writes. */
    static final String GATEWAY = "the real Gateway";

    private final TestCertificates certificates;
    private final DoorNames names;
    private final CompletableFuture<KeycloakServer> keycloak;
    private final CompletableFuture<RealGateway> gateway;

    private RealParts() throws IOException {
        this.certificates = TestCertificates.ofThisRun();
        this.names = DoorNames.start();
        this.keycloak =
                KeycloakServer.present()
                        ? started(() -> KeycloakServer.start(certificates, names))
                        : absent("the Keycloak distribution is not here");
        this.gateway =
                GatewayInstall.obstacle(System.getenv())
                        .map(RealParts::<RealGateway>absent)
                        .orElseGet(() -> started(RealParts::startGateway));
    }

    private static RealGateway startGateway() throws IOException {
        var directory = Project.output("gateway");
        Project.deleteTree(directory);
        var settings =
                new RealGateway.Settings(
                        Project.freePort(),
                        directory,
                        Project.root().resolve("config/gateway.example.json"),
                        SidecarSettings.USER_HEADER,
                        URI.create("https://" + TestCertificates.DOOR),
                        List.of(
                                Realm.Person.ALICE.user(),
                                Realm.Person.BOB.user(),
                                Realm.Person.CAROL.user()),
                        StockClients.gatewayOverlay());
        try {
            return RealGateway.start(settings, RealParts::say);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @SuppressWarnings("SystemOut") // Minutes pass here on a cold cache.
    private static void say(String what, String line) {
        System.out.println(what + ": " + line);
    }

    TestCertificates certificates() {
        return certificates;
    }

    KeycloakServer keycloak() throws IOException {
        return part(keycloak);
    }

    RealGateway gateway() throws IOException {
        return part(gateway);
    }

    /** Waits until what is to start has started, or failed to. */
    void settle() {
        CompletableFuture.allOf(gateway, keycloak).exceptionally(absent -> null).join();
    }

    /** What Keycloak takes the door's public name for. */
    DoorNames names() {
        return names;
    }

    /** Keycloak's issuer as everybody reaches it when nothing stands in between. */
    String issuer() throws IOException {
        return KeycloakServer.issuer(keycloak().port());
    }

    /** Chromium before a door. */
    Browser browser(Sidecar door) throws IOException {
        if (!Browser.present()) {
            part(absent("Chromium is not here"));
        }
        return Browser.start(certificates, door.port());
    }

    private static <T> T part(CompletableFuture<T> part) throws IOException {
        try {
            return part.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Absent absent) {
                Assumptions.assumeTrue(Project.nothingMayBeLeftOut(), absent.getMessage());
            }
            throw new IOException("a real part did not start", e.getCause());
        }
    }

    @FunctionalInterface
    private interface Start<T> {
        T start() throws IOException;
    }

    private static <T> CompletableFuture<T> started(Start<T> start) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return start.start();
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                task -> Thread.ofPlatform().name("real-part").start(task));
    }

    private static <T> CompletableFuture<T> absent(String what) {
        return CompletableFuture.failedFuture(new Absent(what));
    }

    /** A real part that this machine does not have. */
    private static final class Absent extends RuntimeException {
        private static final long serialVersionUID = 1;

        Absent(String message) {
            super(message);
        }
    }

    @Override
    public void close() {
        end(gateway, RealGateway::close);
        end(keycloak, KeycloakServer::close);
        end(CompletableFuture.completedFuture(names), RealParts::close);
    }

    private static void close(DoorNames names) {
        try {
            names.close();
        } catch (IOException closedAlready) {
            // Then nobody asks any more.
        }
    }

    private static <T> void end(CompletableFuture<T> part, Consumer<T> close) {
        part.thenAccept(close).exceptionally(neverStarted -> null).join();
    }

    /** Hands the parts to whichever test names them as a parameter. */
    static final class Provided implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == RealParts.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.create(RealParts.class))
                    .computeIfAbsent(
                            RealParts.class,
                            key -> {
                                try {
                                    return new RealParts();
                                } catch (IOException e) {
                                    throw new CompletionException(e);
                                }
                            },
                            RealParts.class);
        }
    }
}
