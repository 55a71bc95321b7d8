package dev.portcullis.cli;

import dev.portcullis.audit.JsonText;
import dev.portcullis.config.ConfigFile;
import dev.portcullis.config.PortcullisConfig;
import dev.portcullis.identity.ServiceToken;
import dev.portcullis.runtime.PlainWords;
import dev.portcullis.state.ServiceTokenFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.core.JsonGenerator;

/** Makes, lists and revokes the ways in for machines that cannot sign in, such as node hosts. */
@Command(
        name = "service-token",
        description = {
            "Make, list and revoke service tokens, for node hosts.",
            "Works on the file below state.directory; a running sidecar follows within a second."
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class ServiceTokenCommand implements Runnable {
    private static final String NEVER = "never";

    private final Map<String, String> env;
    private final InstantSource clock;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli before anything runs.
    private CommandSpec spec;

    ServiceTokenCommand(Map<String, String> env, InstantSource clock) {
        this.env = env;
        this.clock = clock;
    }

    /** No verb is wrong usage. */
    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "found no command (expected: create, list or revoke)");
    }

    @Command(
            name = "create",
            description = {
                "Make a service token and print it, once, as two variables that a stock node host"
                        + " reads from its environment.",
            },
            mixinStandardHelpOptions = true)
    int create(
            @Parameters(
                            paramLabel = "NAME",
                            converter = Name.class,
                            description = "What the machine is called, such as build-node.")
                    String name,
            @Option(
                            names = "--until",
                            paramLabel = "INSTANT",
                            converter = Until.class,
                            description = "When it ends, such as 2027-01-31T18:00:00Z.")
                    @Nullable Instant until,
            @Mixin ConfigOption config,
            @Option(names = "--json", description = "Print one JSON object, for programs.")
                    boolean json) {
        var now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        if (until != null && !until.isAfter(now)) {
            throw new ParameterException(
                    spec.commandLine(), "--until " + until + " (expected: an instant to come)");
        }
        var issued = ServiceToken.issue(name, now, until, new SecureRandom());
        return withFile(
                config,
                (loaded, file) -> {
                    file.change(tokens -> {
                        var more = new ArrayList<>(tokens);
                        more.add(issued.token());
                        return more;
                    });
                    print(issued, json);
                    if (!loaded.serviceTokens().nodeRoutes()) {
                        err("nothing opens to it yet: service-tokens.node-routes is false");
                    }
                    return ExitCode.FINE;
                });
    }

    private void print(ServiceToken.Issued issued, boolean json) {
        var id = issued.token().id();
        var secret = issued.secret().expose();
        if (json) {
            out(
                    json(out -> {
                        out.writeStringProperty("id", id);
                        out.writeStringProperty("secret", secret);
                        out.writeStringProperty("name", issued.token().name());
                    }));
        } else {
            out("CF_ACCESS_CLIENT_ID=" + id);
            out("CF_ACCESS_CLIENT_SECRET=" + secret);
        }
        err("The secret is shown only now. Set both where the node host runs.");
    }

    @Command(
            name = "list",
            description = "List the service tokens, without their secrets.",
            mixinStandardHelpOptions = true)
    int list(
            @Mixin ConfigOption config,
            @Option(names = "--json", description = "Print one JSON object a line, for programs.")
                    boolean json) {
        return withFile(
                config,
                (_, file) -> {
                    file.read().forEach(token -> out(json ? json(token) : line(token)));
                    return ExitCode.FINE;
                });
    }

    private String line(ServiceToken token) {
        var until = token.until() == null ? NEVER : token.until().toString();
        var over = token.holdsAt(clock.instant()) ? "" : "  (over)";
        return "%s  %-24s  made %s  ends %s%s"
                .formatted(token.id(), token.name(), token.createdAt(), until, over);
    }

    private static String json(ServiceToken token) {
        return json(out -> {
            out.writeStringProperty("id", token.id());
            out.writeStringProperty("name", token.name());
            out.writeStringProperty("created", token.createdAt().toString());
            if (token.until() != null) {
                out.writeStringProperty("until", token.until().toString());
            }
        });
    }

    @Command(
            name = "revoke",
            description = "Revoke a service token; its connections end within a second.",
            mixinStandardHelpOptions = true)
    int revoke(
            @Parameters(paramLabel = "ID", description = "As list prints it.") String id,
            @Mixin ConfigOption config) {
        return withFile(
                config,
                (_, file) -> {
                    var revoked = new AtomicReference<@Nullable ServiceToken>();
                    file.change(tokens -> {
                        var left = new ArrayList<>(tokens);
                        left.removeIf(token -> matches(token, id, revoked));
                        return left;
                    });
                    var token = revoked.get();
                    if (token == null) {
                        err(
                                file.path()
                                        + ": no service token with that id (expected: one of list)");
                        return ExitCode.REFUSED;
                    }
                    out("revoked " + token.id() + " (" + token.name() + ")");
                    return ExitCode.FINE;
                });
    }

    private static boolean matches(
            ServiceToken token, String id, AtomicReference<@Nullable ServiceToken> revoked) {
        if (!token.id().equals(id)) {
            return false;
        }
        revoked.set(token);
        return true;
    }

    /** What one verb does with the file. */
    @FunctionalInterface
    private interface Work {
        int with(PortcullisConfig config, ServiceTokenFile file) throws IOException;
    }

    private int withFile(ConfigOption option, Work work) {
        var path = option.file(env);
        return switch (ConfigFile.load(path, env)) {
            case ConfigFile.Invalid(var problems) -> {
                problems.forEach(problem -> err(problem.toString()));
                yield ExitCode.BAD_CONFIGURATION;
            }
            case ConfigFile.Loaded(var config, _) -> {
                try {
                    yield work.with(config, new ServiceTokenFile(config.state().directory()));
                } catch (IOException failure) {
                    err("service tokens: " + PlainWords.of(failure));
                    yield ExitCode.REFUSED;
                }
            }
        };
    }

    private static String json(java.util.function.Consumer<JsonGenerator> content) {
        var bytes = new ByteArrayOutputStream();
        try (var out = JsonText.generator(bytes)) {
            out.writeStartObject();
            content.accept(out);
            out.writeEndObject();
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private void out(String line) {
        spec.commandLine().getOut().println(line);
    }

    private void err(String line) {
        spec.commandLine().getErr().println(line);
    }

    /** A machine's name. */
    static final class Name implements ITypeConverter<String> {
        @Override
        public String convert(String value) {
            if (ServiceToken.NAME.matcher(value).matches()) {
                return value;
            }
            throw new TypeConversionException(
                    "found another form (expected: 1 to 63 of a-z 0-9 . _ -, first a letter or"
                            + " digit)");
        }
    }

    /** An instant. */
    static final class Until implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String value) {
            try {
                return Instant.parse(value);
            } catch (DateTimeException _) {
                throw new TypeConversionException(
                        "found another form (expected: an instant, 2027-01-31T18:00:00Z)");
            }
        }
    }
}
