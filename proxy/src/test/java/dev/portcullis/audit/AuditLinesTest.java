package dev.portcullis.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.audit.AuditEvent.Kind;
import dev.portcullis.audit.AuditEvent.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** The schema of {@code docs/audit.md}, and that no client can break out of a line (row 70). */
class AuditLinesTest {
    private static final Instant AT = Instant.parse("2026-11-22T03:04:05.678Z");
    private static final Pattern PRINTABLE_LINE = Pattern.compile("[ -~]+\n");

    @Test
    void everyField_standsInItsPlace() {
        var event =
                new AuditEvent(
                        AT,
                        Kind.UPGRADE,
                        Verdict.ALLOW,
                        Reason.ALLOWED,
                        "r1",
                        "192.0.2.7:4711",
                        "alice@example.com",
                        "operator",
                        "session",
                        "h4ndle",
                        "GET",
                        "/chat",
                        101);
        assertThat(line(event))
                .isEqualTo(
                        "{\"v\":1,\"time\":\"2026-11-22T03:04:05.678000Z\",\"kind\":\"upgrade\","
                                + "\"verdict\":\"allow\",\"reason\":\"allowed\",\"requestId\":\"r1\","
                                + "\"remote\":\"192.0.2.7:4711\",\"user\":\"alice@example.com\","
                                + "\"role\":\"operator\",\"means\":\"session\",\"handle\":\"h4ndle\","
                                + "\"method\":\"GET\",\"path\":\"/chat\",\"status\":101}\n");
    }

    @Test
    void unknownCaller_leavesTheFieldsOut() {
        assertThat(line(event(null, null)))
                .isEqualTo(
                        "{\"v\":1,\"time\":\"2026-11-22T03:04:05.678000Z\",\"kind\":\"request\","
                                + "\"verdict\":\"deny\",\"reason\":\"no-credentials\","
                                + "\"requestId\":\"r1\",\"remote\":\"192.0.2.7:4711\"}\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\r\n{\"v\":1,\"verdict\":\"allow\"}",
                "a\nb",
                "a\rb",
                "\"}\n",
                "\\",
                "\\\"",
                "\u001b[31mred\u001b[0m",
                "\u009b31m",
                "\u0000\u0007\u0008\u000b\u007f",
                "\u2028\u2029\u0085",
                "\u202e\u2066",
                "\uFEFF",
                "jürgen"
            })
    void anythingAClientSends_staysOneValueOfOneLine(String sent) {
        var line = line(event(sent, "/" + sent));
        assertThat(line).matches(PRINTABLE_LINE);
        assertThat(valueOf(line, "user")).isEqualTo(sent);
        assertThat(valueOf(line, "path")).isEqualTo("/" + sent);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud83d", "a\ude00b", "\ude00\ud83d"})
    void halfASurrogatePair_becomesTheReplacementCharacter(String sent) {
        var line = line(event(sent, null));
        assertThat(line).matches(PRINTABLE_LINE);
        assertThat(valueOf(line, "user")).contains("\ufffd").doesNotContain("\ud83d", "\ude00");
    }

    @Test
    void longText_isCappedAndSaysByHowMuch() {
        var line = line(event("u".repeat(1000), "/" + "p".repeat(100_000)));
        assertThat(valueOf(line, "user")).isEqualTo("u".repeat(256) + "...(+744)");
        assertThat(valueOf(line, "path")).endsWith("p...(+97953)").hasSize(2048 + 11);
    }

    @Test
    void cutThroughAPair_leavesNoHalf() {
        assertThat(JsonText.capped("ab\ud83d\ude00", 3)).isEqualTo("ab\ufffd...(+1)");
        assertThat(JsonText.capped("ab\ud83d\ude00", 4)).isEqualTo("ab\ud83d\ude00");
    }

    private static AuditEvent event(String user, String path) {
        return new AuditEvent(
                AT,
                Kind.REQUEST,
                Verdict.DENY,
                Reason.NO_CREDENTIALS,
                "r1",
                "192.0.2.7:4711",
                user,
                null,
                null,
                null,
                null,
                path,
                0);
    }

    private static String line(AuditEvent event) {
        return StandardCharsets.UTF_8
                .decode(new AuditLineWriter().write(List.of(event)))
                .toString();
    }

    private static String valueOf(String line, String field) {
        try (var json = new JsonFactory().createParser(ObjectReadContext.empty(), line)) {
            String value = null;
            while (json.nextToken() != null) {
                if (field.equals(json.currentName())) {
                    value = json.getString();
                }
            }
            return value;
        }
    }
}
