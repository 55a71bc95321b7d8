package dev.portcullis.config;

import java.time.Duration;

/**
 * When somebody who fails too often is locked out.
 *
 * @param failures how many are one too many; 1 to 1000
 * @param within how long each of them counts, from the first on
 * @param lockOut for how long
 */
public record LockoutConfig(int failures, Duration within, Duration lockOut) {
    static LockoutConfig parse(ConfigNode node) {
        return new LockoutConfig(
                node.value("failures", Syntax.number(1, 1000), "10"),
                node.value("within", Syntax.duration("1s", "1h"), "2m"),
                node.value("lock-out", Syntax.duration("1s", "24h"), "5m"));
    }
}
