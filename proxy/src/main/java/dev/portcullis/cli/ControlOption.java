package dev.portcullis.cli;

import dev.portcullis.config.ConfigFile;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the control socket of a running sidecar is: named, or read from its configuration. */
final class ControlOption {
    @Mixin private final ConfigOption config = new ConfigOption();

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = {
                "The control socket of the running sidecar.",
                "Otherwise control.sock in state.directory of the configuration file."
            })
    private @Nullable Path given;

    /**
     * Asks the sidecar, and says on {@code err} what stood in the way.
     *
     * @return the exit code
     */
    int ask(
            Map<String, String> env,
            CommandLine commandLine,
            Map<String, String> request,
            Consumer<Map<String, String>> lines) {
        var err = commandLine.getErr();
        var socket = given;
        if (socket == null) {
            switch (ConfigFile.load(config.file(env), env)) {
                case ConfigFile.Loaded(var loaded, _) -> socket = loaded.state().controlSocket();
                case ConfigFile.Invalid(var problems) -> {
                    problems.forEach(err::println);
                    return ExitCode.BAD_CONFIGURATION;
                }
            }
        }
        Consumer<Map<String, String>> sorting =
                line -> {
                    var why = line.get("why");
                    if (why == null) {
                        lines.accept(line);
                    } else {
                        err.println(why);
                    }
                };
        return switch (ControlCall.ask(socket, request, sorting)) {
            case ControlCall.Outcome.Done() -> ExitCode.FINE;
            case ControlCall.Outcome.Refused() -> ExitCode.REFUSED;
            case ControlCall.Outcome.Silence(var why) -> {
                err.println(why);
                yield ExitCode.REFUSED;
            }
        };
    }
}
