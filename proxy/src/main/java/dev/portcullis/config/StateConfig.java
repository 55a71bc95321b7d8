package dev.portcullis.config;

import java.nio.file.Path;

/**
 * Where state is kept across restarts.
 *
 * @param directory ours alone
 */
public record StateConfig(Path directory) {}
