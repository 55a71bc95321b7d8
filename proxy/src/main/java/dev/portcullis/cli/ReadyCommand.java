package dev.portcullis.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells an orchestrator whether to send traffic, and an operator which component is missing. */
@Command(
        name = "ready",
        description = {
            "Ask a running sidecar whether everything it needs works; for exec probes.",
            "Names each component: the Gateway, the identity provider, the audit log…"
        },
        mixinStandardHelpOptions = true)
final class ReadyCommand implements Callable<Integer> {
    private final Map<String, String> env;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli before anything runs.
    private CommandSpec spec;

    @Mixin private final AdminOption admin = new AdminOption();

    @Option(names = "--json", description = "Print one JSON object, for programs.")
    private boolean json;

    ReadyCommand(Map<String, String> env) {
        this.env = env;
    }

    @Override
    public Integer call() {
        var report = new ProbeReport("ready", json, spec.commandLine());
        return switch (admin.find(env)) {
            case AdminOption.Found.Unknown(var problems) -> report.unknown(problems);
            case AdminOption.Found.At(var address) ->
                    switch (AdminCall.get(address, "/ready")) {
                        case AdminCall.Answer.Said(int status, var body)
                                when status == 200 || status == 503 ->
                                report.components(status == 200, body);
                        case AdminCall.Answer.Said(int status, _) ->
                                report.negative("status " + status + " (expected: 200 or 503)");
                        case AdminCall.Answer.Silence(var why) -> report.negative(why);
                    };
        };
    }
}
