package dev.portcullis.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells an orchestrator whether the process works: if not, restart it. */
@Command(
        name = "live",
        description = "Ask a running sidecar whether it lives; for exec probes.",
        mixinStandardHelpOptions = true)
final class LiveCommand implements Callable<Integer> {
    private final Map<String, String> env;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli before anything runs.
    private CommandSpec spec;

    @Mixin private final AdminOption admin = new AdminOption();

    @Option(names = "--json", description = "Print one JSON object, for programs.")
    private boolean json;

    LiveCommand(Map<String, String> env) {
        this.env = env;
    }

    @Override
    public Integer call() {
        var report = new ProbeReport("live", json, spec.commandLine());
        return switch (admin.find(env)) {
            case AdminOption.Found.Unknown(var problems) -> report.unknown(problems);
            case AdminOption.Found.At(var address) ->
                    switch (AdminCall.get(address, "/live")) {
                        case AdminCall.Answer.Said(int status, _) when status == 200 ->
                                report.positive();
                        case AdminCall.Answer.Said(int status, _) ->
                                report.negative("status " + status + " (expected: 200)");
                        case AdminCall.Answer.Silence(var why) -> report.negative(why);
                    };
        };
    }
}
