package dev.portcullis.demo;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What the demo was asked for.
 *
 * @param home the checkout: its {@code config} and {@code demo/target} are used
 * @param gateway which Gateway stands behind
 * @param port where Portcullis listens, if it is free
 */
record DemoOptions(Path home, Gateway gateway, int port) {
    static final int PORT = 8443;

    static final String USAGE =
            """
            usage: ./portcullis demo [--gateway auto|real|stand-in] [--port PORT]
              --gateway  auto: the real one if node and npm are there, else the stand-in (auto)
              --port     where Portcullis listens; another free one if it is taken (8443)\
            """;

    /** Which Gateway stands behind. */
    enum Gateway {
        AUTO,
        REAL,
        STAND_IN
    }

    /** Was the command line right? */
    sealed interface Result {}

    record Understood(DemoOptions options) implements Result {}

    record Misunderstood(String found) implements Result {}

    static Result parse(Path home, List<String> arguments) {
        var gateway = Gateway.AUTO;
        int port = PORT;
        for (int i = 0; i < arguments.size(); i += 2) {
            var name = arguments.get(i);
            var value = i + 1 < arguments.size() ? arguments.get(i + 1) : "";
            if (name.equals("--gateway") && value.matches("auto|real|stand-in")) {
                gateway = Gateway.valueOf(value.toUpperCase(Locale.ROOT).replace('-', '_'));
            } else if (name.equals("--port") && value.matches("[0-9]{1,5}") && fits(value)) {
                port = Integer.parseInt(value);
            } else {
                return new Misunderstood((name + " " + value).strip());
            }
        }
        return new Understood(new DemoOptions(home, gateway, port));
    }

    private static boolean fits(String port) {
        int number = Integer.parseInt(port);
        return number >= 1024 && number <= 65535;
    }
}
