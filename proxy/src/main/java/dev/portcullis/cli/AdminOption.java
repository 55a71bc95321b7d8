package dev.portcullis.cli;

import dev.portcullis.config.ConfigFile;
import dev.portcullis.config.Problem;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Where the admin listener of a running sidecar is: named, or read from its configuration. */
final class AdminOption {
    private static final int PORT_MAX = 65_535;

    @Mixin private final ConfigOption config = new ConfigOption();

    @Option(
            names = "--admin",
            paramLabel = "ADDRESS",
            converter = Loopback.class,
            description = {
                "The admin listener, such as 127.0.0.1:9180.",
                "Otherwise admin.listen of the configuration file."
            })
    private @Nullable InetSocketAddress given;

    /** Where it is, or why that is not known. */
    sealed interface Found {
        /** There. */
        record At(InetSocketAddress address) implements Found {}

        /** The configuration does not say. */
        record Unknown(List<Problem> problems) implements Found {}
    }

    Found find(Map<String, String> env) {
        if (given != null) {
            return new Found.At(given);
        }
        return switch (ConfigFile.load(config.file(env), env)) {
            case ConfigFile.Loaded(var loaded, _) -> new Found.At(loaded.admin().listen());
            case ConfigFile.Invalid(var problems) -> new Found.Unknown(problems);
        };
    }

    /** {@code ADDRESS:PORT} with a loopback literal. */
    static final class Loopback implements picocli.CommandLine.ITypeConverter<InetSocketAddress> {
        @Override
        public InetSocketAddress convert(String value) {
            int colon = value.lastIndexOf(':');
            try {
                var address = InetAddress.ofLiteral(value.substring(0, Math.max(colon, 0)));
                int port = Integer.parseInt(value.substring(colon + 1));
                if (address.isLoopbackAddress() && port > 0 && port <= PORT_MAX) {
                    return new InetSocketAddress(address, port);
                }
            } catch (IllegalArgumentException _) {
                // Said below, for every way to be wrong.
            }
            throw new TypeConversionException(
                    "'" + value + "' (expected: a loopback literal and a port, 127.0.0.1:9180)");
        }
    }
}
