package dev.portcullis.config;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/**
 * What a block is read against.
 *
 * @param findings takes everything wrong
 * @param folder of the configuration file, against which relative paths resolve
 * @param env the environment
 * @param now for what may be past already
 */
record ConfigSource(Findings findings, Path folder, Map<String, String> env, Instant now) {
    References references() {
        return new References(folder, env, findings::reads);
    }
}
