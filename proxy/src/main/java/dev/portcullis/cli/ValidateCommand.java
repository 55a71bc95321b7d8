package dev.portcullis.cli;

import dev.portcullis.config.ConfigFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks a configuration file offline and names everything that is wrong with it. */
@Command(
        name = "validate",
        description = "Check a configuration file; reaches nothing and changes nothing.",
        mixinStandardHelpOptions = true)
final class ValidateCommand implements Callable<Integer> {
    private final Map<String, String> env;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli before anything runs.
    private CommandSpec spec;

    @Mixin private final ConfigOption config = new ConfigOption();

    @Option(names = "--json", description = "Print one JSON object, for programs.")
    private boolean json;

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "The same as --config FILE.")
    private @Nullable Path file;

    ValidateCommand(Map<String, String> env) {
        this.env = env;
    }

    @Override
    public Integer call() {
        var path = file == null ? config.file(env) : file;
        var result = ConfigFile.load(path, env);
        var out = spec.commandLine().getOut();
        if (json) {
            out.println(ValidationJson.of(path, result));
        } else {
            print(path, result, out, spec.commandLine().getErr());
        }
        return result instanceof ConfigFile.Loaded ? ExitCode.FINE : ExitCode.BAD_CONFIGURATION;
    }

    private static void print(
            Path path, ConfigFile.Result result, PrintWriter out, PrintWriter err) {
        switch (result) {
            case ConfigFile.Loaded(_, var warnings) -> {
                warnings.forEach(err::println);
                out.println(path + ": fine" + counted(warnings, "warning"));
            }
            case ConfigFile.Invalid(var problems) -> {
                problems.forEach(err::println);
                err.println(path + ": not usable" + counted(problems, "problem"));
            }
        }
    }

    private static String counted(List<?> findings, String what) {
        return switch (findings.size()) {
            case 0 -> "";
            case 1 -> ", 1 " + what;
            default -> ", " + findings.size() + " " + what + "s";
        };
    }
}
