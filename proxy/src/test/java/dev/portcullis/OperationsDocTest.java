package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.audit.AuditEvent;
import dev.portcullis.audit.Reason;
import dev.portcullis.metrics.Meters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** What {@code docs/operations.md} and {@code docs/audit.md} say is so. */
class OperationsDocTest {
    private static final Pattern FIRST_CELL = Pattern.compile("\\| `([^`]+)` \\|.*");
    private static final Pattern SUFFIX = Pattern.compile("_(bucket|count|sum)$");

    @Test
    void metricsTable_namesEveryMetricAndNoOther() throws IOException {
        assertThat(firstCells("operations.md", "portcullis_")).isEqualTo(scrapedNames());
    }

    @Test
    void auditExamples_keepToTheTableOfFields() throws IOException {
        var fields = new ArrayList<>(firstCellsInOrder("audit.md"));
        var kinds = new TreeSet<String>();
        for (var line : auditExamples()) {
            var names = namesAndValues(line);
            assertThat(fields).containsSubsequence(names.stream().map(n -> n[0]).toList());
            kinds.add(valueOf(names, "kind"));
            assertThat(codes(AuditEvent.Verdict.values())).contains(valueOf(names, "verdict"));
            assertThat(codes(Reason.values())).contains(valueOf(names, "reason"));
        }
        assertThat(kinds).isEqualTo(codes(AuditEvent.Kind.values()));
    }

    private static Set<String> scrapedNames() {
        try (var meters = new Meters("test")) {
            meters.gatewayUp(() -> true);
            meters.providerUp(() -> true);
            meters.sessions(() -> 0);
            meters.serviceTokens(() -> 0);
            meters.redis(() -> true, () -> 0, () -> 0);
            meters.audit(() -> 0, () -> 0, () -> true);
            meters.insecureSettings(() -> 0);
            meters.reloadFailed(() -> false);
            return meters.scrape()
                    .lines()
                    .filter(line -> line.startsWith("portcullis_"))
                    .map(line -> line.split("[{ ]", 2)[0])
                    .map(name -> SUFFIX.matcher(name).replaceFirst(""))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static Set<String> firstCells(String page, String prefix) throws IOException {
        return firstCellsInOrder(page).stream()
                .filter(cell -> cell.startsWith(prefix))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> firstCellsInOrder(String page) throws IOException {
        return lines(page).stream()
                .map(FIRST_CELL::matcher)
                .filter(Matcher::matches)
                .map(found -> found.group(1))
                .toList();
    }

    private static List<String> auditExamples() throws IOException {
        return lines("audit.md").stream().filter(line -> line.startsWith("{")).toList();
    }

    private static List<String> lines(String page) throws IOException {
        return Files.readAllLines(Path.of("../docs", page));
    }

    private static List<String[]> namesAndValues(String line) {
        var found = new ArrayList<String[]>();
        try (var json = new JsonFactory().createParser(ObjectReadContext.empty(), line)) {
            while (json.nextToken() != null) {
                if (json.currentToken() == JsonToken.PROPERTY_NAME) {
                    json.nextToken();
                    found.add(new String[] {json.currentName(), json.getString()});
                }
            }
        }
        return found;
    }

    private static String valueOf(List<String[]> namesAndValues, String name) {
        return namesAndValues.stream().filter(n -> n[0].equals(name)).findFirst().orElseThrow()[1];
    }

    private static Set<String> codes(Enum<?>[] constants) {
        return Arrays.stream(constants)
                .map(constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
