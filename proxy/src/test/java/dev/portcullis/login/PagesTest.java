package dev.portcullis.login;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.UserName;
import dev.portcullis.http.Fields;
import dev.portcullis.http.LocalResponse;
import dev.portcullis.http.Method;
import dev.portcullis.http.RequestHead;
import dev.portcullis.session.Session;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PagesTest {
    private static final List<String> FRAMED = List.of("not-silently", "signed-out-in-frame");
    private static final String ID = "01JD9Z6W2E5N8Q";
    private static final UserName ALICE = new UserName("alice@example.com");
    private static final SignInScene SCENE = new SignInScene();
    private static final RequestHead PERSON =
            SignInScene.head(Method.GET, "/chat", SignInScene.navigation());
    private static final Session SESSION =
            new Session(
                    "reference1234567",
                    ALICE,
                    Set.of("sre"),
                    "https://login.example.com/realms/team",
                    "1",
                    null,
                    "canary-id-token",
                    SignInScene.START,
                    SignInScene.START.plus(Duration.ofHours(12)),
                    Duration.ofMinutes(30));

    private final Pages pages = SCENE.pages;

    @AfterAll
    static void close() {
        SCENE.close();
    }

    /** Every page there is, by name. */
    static Stream<Map.Entry<String, LocalResponse>> everyPage() throws InterruptedException {
        SCENE.provider.reached();
        var all = new LinkedHashMap<String, LocalResponse>();
        for (var kind : PageKind.values()) {
            var user = kind == PageKind.NOT_ALLOWED ? ALICE : null;
            all.put(name(kind), SCENE.pages.error(kind, PERSON, ID, user));
        }
        for (var failure : SignInFailure.values()) {
            all.put("sign-in-" + name(failure), SCENE.pages.signInFailed(failure, PERSON, ID));
        }
        all.put("not-silently", SCENE.pages.notSilently());
        all.put("sign-out", SCENE.pages.confirmSignOut(SESSION, ID));
        all.put("signed-out", SCENE.pages.signedOut(false, PERSON, ID));
        all.put("signed-out-there-too", SCENE.pages.signedOut(true, PERSON, ID));
        all.put("signed-out-in-frame", SCENE.pages.signedOutInFrame());
        all.put("me", SCENE.pages.me(SESSION, PERSON, ID));
        return all.entrySet().stream();
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @ParameterizedTest
    @MethodSource("everyPage")
    void everyPage_isAccessibleWithoutScriptAndUnderAStrictPolicy(
            Map.Entry<String, LocalResponse> page) throws Exception {
        var html = page.getValue().body().asUtf8();
        var policy = String.valueOf(page.getValue().fields().first("content-security-policy"));
        write(page.getKey(), html);
        assertThat(html)
                .contains("<!doctype html>", "<html lang=\"en\">", "<main>", "<h1>", "<title>")
                .contains("prefers-color-scheme:dark")
                .doesNotContainIgnoringCase("<script", "javascript:", " style=", " onclick")
                .doesNotContain("src=", "@import", "url(", "canary", "http://", "//evil");
        assertThat(policy)
                .startsWith("default-src 'none'; style-src 'sha256-")
                .contains("base-uri 'none'", "form-action 'self'".substring(0, 12))
                .doesNotContain("unsafe", "*");
        assertThat(policy).contains("'" + hashOfStyle(html) + "'");
        assertThat(policy)
                .contains(
                        FRAMED.contains(page.getKey())
                                ? "frame-ancestors 'self'"
                                : "frame-ancestors 'none'");
        if (!FRAMED.contains(page.getKey())) {
            assertThat(html).contains("Request <code>" + ID + "</code>");
        }
    }

    private static void write(String name, String html) throws IOException {
        var folder = Files.createDirectories(Path.of("target", "pages"));
        Files.writeString(folder.resolve(name + ".html"), html);
    }

    private static String hashOfStyle(String html) throws Exception {
        var style = Pattern.compile("<style>(.*?)</style>", Pattern.DOTALL).matcher(html);
        assertThat(style.find()).isTrue();
        var hash =
                MessageDigest.getInstance("SHA-256")
                        .digest(style.group(1).getBytes(StandardCharsets.UTF_8));
        return "sha256-" + Base64.getEncoder().encodeToString(hash);
    }

    @ParameterizedTest
    @EnumSource(PageKind.class)
    void everyKind_isJsonForPrograms(PageKind kind) {
        var head = SignInScene.head(Method.GET, "/x", Fields.of("accept", "application/json"));
        var answer = pages.error(kind, head, ID, ALICE);
        assertThat(answer.status()).isEqualTo(kind.status());
        assertThat(answer.fields().first("content-type")).isEqualTo("application/problem+json");
        assertThat(answer.body().asUtf8())
                .contains("\"status\":" + kind.status(), "\"title\":\"" + kind.title())
                .contains(ID)
                .doesNotContain("alice", "<");
    }

    @ParameterizedTest
    @CsvSource({
        "navigate,text/html,true",
        "navigate,*/*,true",
        ",text/html,true",
        "cors,text/html,false",
        "no-cors,text/html,false",
        "same-origin,*/*,false",
        ",*/*,false",
        ",text/plain,false",
        ",,false",
    })
    void aPage_isForNavigationsOnly(String mode, String accept, boolean page) {
        var fields = Fields.NONE;
        fields = mode == null ? fields : fields.plus(Fields.of("sec-fetch-mode", mode));
        fields = accept == null ? fields : fields.plus(Fields.of("accept", accept));
        var head = SignInScene.head(Method.GET, "/x", fields);
        var type = pages.error(PageKind.NOT_FOUND, head, ID).fields().first("content-type");
        assertThat(String.valueOf(type).startsWith("text/html")).isEqualTo(page);
    }

    @Test
    void aHeadNobodyUnderstood_getsAShortText() {
        var answer = pages.error(PageKind.BAD_REQUEST, null, ID);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.fields().first("content-type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(answer.body().asUtf8()).contains("Bad request", ID);
    }

    @Test
    void notAllowed_saysAsWhomAndOffersAnotherAccount() {
        var html = pages.error(PageKind.NOT_ALLOWED, PERSON, ID, ALICE).body().asUtf8();
        assertThat(html)
                .contains("alice@example.com", "Sign in as somebody else")
                .contains("<form method=\"post\" action=\"/_portcullis/sign-out\">")
                .contains("<meta name=\"referrer\" content=\"same-origin\">");
    }

    @Test
    void foreignText_isEscapedEverywhere() {
        var user = new UserName("<b>'&x");
        var id = "\"><script>alert(1)</script>";
        var answer = pages.error(PageKind.NOT_ALLOWED, PERSON, id, user);
        assertThat(answer.body().asUtf8())
                .contains("&lt;b&gt;&#39;&amp;x", "&quot;&gt;&lt;script&gt;")
                .doesNotContain("<script", "<b>");
        assertThat(Html.escaped("a\u0000\u001b[31m")).isEqualTo("a\uFFFD\uFFFD[31m");
    }

    @Test
    void notSignedIn_saysHowToComeBack() {
        var answer = pages.error(PageKind.NOT_SIGNED_IN, PERSON, ID);
        assertThat(answer.fields().first("www-authenticate"))
                .isEqualTo("Bearer realm=\"portcullis\"");
    }

    @ParameterizedTest
    @EnumSource(PageKind.class)
    void whereWaitingHelps_retryAfterSaysHowLong(PageKind kind) {
        var answer = pages.error(kind, PERSON, ID);
        assertThat(answer.fields().has("retry-after"))
                .isEqualTo(kind.status() == 503 || kind.status() == 429);
    }

    @Test
    void theGatewaysPage_looksAgainByItselfForPeopleOnly() {
        var program = SignInScene.head(Method.GET, "/x", Fields.of("accept", "*/*"));
        assertThat(pages.error(PageKind.GATEWAY_STARTING, PERSON, ID).fields().first("refresh"))
                .isEqualTo("5");
        assertThat(pages.error(PageKind.GATEWAY_STARTING, program, ID).fields().has("refresh"))
                .isFalse();
    }

    @Test
    void signingOut_mayLeadToTheProviderAndNowhereElse() throws InterruptedException {
        SCENE.provider.reached();
        var policy = pages.confirmSignOut(SESSION, ID).fields().first("content-security-policy");
        assertThat(policy)
                .contains("form-action 'self' http://127.0.0.1:" + SCENE.standIn.port() + ";");
    }
}
