package dev.portcullis.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * What libFuzzer and Jazzer wrote about one process of a target.
 *
 * @param executions inputs tried
 * @param coverage edges of the code that they reached
 * @param finding in a line, empty if there was none
 */
record FuzzLog(long executions, long coverage, String finding) {
    private static final Pattern STATUS = Pattern.compile("#(\\d+)\\s+[A-Za-z]+\\s+cov: (\\d+) .*");
    private static final Pattern FINDING =
            Pattern.compile(
                    "== Java Exception: .*|==\\d+== ?ERROR: libFuzzer: .*|(hang|ended): .*");

    static FuzzLog read(Path log) throws IOException {
        var read = new FuzzLog(0, 0, "");
        for (var line : Files.readAllLines(log, StandardCharsets.ISO_8859_1)) {
            read = read.with(line);
        }
        return read;
    }

    private FuzzLog with(String line) {
        var status = STATUS.matcher(line);
        if (status.matches()) {
            return new FuzzLog(
                    Long.parseLong(status.group(1)), Long.parseLong(status.group(2)), finding);
        }
        return finding.isEmpty() && FINDING.matcher(line).matches()
                ? new FuzzLog(executions, coverage, line)
                : this;
    }
}
