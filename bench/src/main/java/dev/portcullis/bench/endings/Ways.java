package dev.portcullis.bench.endings;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Every way to end an identity: how fifty of them begin, and how they end. */
final class Ways {
    private static final String LONG = "12h";
    private static final int LONG_SECONDS = 43_200;
    private static final Duration SOON = Duration.ofSeconds(30);

    private final Stage stage;
    private Instant tokensEnd = Instant.EPOCH;
    private String current = LONG + LONG;

    /** One way. */
    record Way(String name, Beginning beginning, Ending ending) {}

    /** A session as the sidecar tells of it. */
    private record Listed(Instant since, Instant ends) {
        static Listed of(Map<String, Object> line) {
            var idle = Instant.parse((String) line.get("lastUsed")).plus(SOON);
            var absolute = Instant.parse((String) line.get("endsAt"));
            return new Listed(
                    Instant.parse((String) line.get("since")),
                    idle.isBefore(absolute) ? idle : absolute);
        }

        Listed newer(Listed other) {
            return since.isAfter(other.since) ? this : other;
        }
    }

    /** Makes an identity. */
    interface Beginning {
        Member begin(String user) throws Exception;
    }

    /** Ends them all, and sets the clock of each. */
    interface Ending {
        void end(List<Member> members) throws Exception;
    }

    Ways(Stage stage) {
        this.stage = stage;
    }

    List<Way> all() {
        return List.of(
                new Way("sign-out", this::person, this::signOut),
                new Way("sessions kill", this::person, this::kill),
                new Way("allow-list edit", this::person, this::editAllowList),
                new Way("back-channel logout", this::person, this::logOutAtProvider),
                new Way("idle expiry", user -> brief(user, "30s", LONG), this::awaitDeadline),
                new Way("absolute expiry", user -> brief(user, "30s", "30s"), this::awaitDeadline),
                new Way("refused refresh", this::refreshedSoon, this::awaitRefusal),
                new Way("token end", this::program, this::awaitTokenEnd),
                new Way("certificate revoked", this::holder, this::revoke));
    }

    // --- beginnings --------------------------------------------------------------------------

    Member person(String user) throws IOException, InterruptedException {
        return person(user, LONG_SECONDS);
    }

    private Member person(String user, int expiresIn) throws IOException, InterruptedException {
        var signedIn = stage.browsers.signIn(user, expiresIn);
        return new Member(user, "Cookie: " + signedIn.cookie() + "\r\n", signedIn.sid());
    }

    /** A session whose lifetime is short: lifetimes are those of the sign-in. */
    private Member brief(String user, String idle, String absolute) throws Exception {
        lifetimes(idle, absolute);
        return person(user);
    }

    private Member refreshedSoon(String user) throws IOException, InterruptedException {
        return person(user, Math.toIntExact(SOON.toSeconds()));
    }

    private Member program(String user) {
        tokensEnd = Instant.now().plus(SOON);
        var token = stage.people.accessToken(user, tokensEnd);
        var member = new Member(user, "Authorization: Bearer " + token + "\r\n", "");
        // Seconds are all that a token has (RFC 7519 §2).
        member.clock(nanosAt(Instant.ofEpochSecond(tokensEnd.getEpochSecond())));
        return member;
    }

    private Member holder(String user) throws GeneralSecurityException {
        return new Member(user, stage.files.clients.holder(user));
    }

    private void lifetimes(String idle, String absolute) throws Exception {
        if (!current.equals(idle + absolute)) {
            current = idle + absolute;
            stage.files.configure(configuration(stage.people, idle, absolute, ""));
            reload();
        }
    }

    /** Back to what everybody has. */
    void usual() throws Exception {
        lifetimes(LONG, LONG);
    }

    private void reload() throws IOException {
        var answer = stage.command("{\"verb\":\"reload\"}");
        if (!answer.getLast().contains("done")) {
            throw new IOException("not reloaded: " + answer);
        }
    }

    static String configuration(People people) {
        return configuration(people, LONG, LONG, "");
    }

    /** Without the users whose name begins like that, if any. */
    private static String configuration(
            People people, String idle, String absolute, String without) {
        var users =
                Stream.iterate(0, number -> number + 1)
                        .limit(Endings.SESSIONS)
                        .map(Endings::user)
                        .filter(user -> without.isEmpty() || !user.startsWith(without))
                        .collect(Collectors.joining(", "));
        return SidecarFiles.signIn(people, idle, absolute)
                + "allow-users: ["
                + users
                + "]\n"
                + Endings.LIMITS;
    }

    // --- endings -----------------------------------------------------------------------------

    private void signOut(List<Member> members) throws Exception {
        for (var member : members) {
            int status =
                    stage.browsers.post(
                            "/_portcullis/sign-out",
                            "",
                            "Cookie",
                            member.cookie(),
                            "Origin",
                            "https://claw.example.com");
            member.clock(System.nanoTime());
            expect(303, status);
        }
    }

    private void kill(List<Member> members) throws IOException {
        for (var member : members) {
            var answer =
                    stage.command(
                            "{\"verb\":\"sessions-kill\",\"user\":\"" + member.user() + "\"}");
            member.clock(System.nanoTime());
            if (!answer.getLast().contains("done")) {
                throw new IOException("not killed: " + answer);
            }
        }
    }

    private void editAllowList(List<Member> members) throws Exception {
        var prefix = members.getFirst().user().substring(0, Endings.GROUP_CHARACTERS);
        long renamed = stage.files.configure(configuration(stage.people, LONG, LONG, prefix));
        members.forEach(member -> member.clock(renamed));
    }

    private void logOutAtProvider(List<Member> members) throws Exception {
        for (var member : members) {
            var token = stage.people.logoutToken(member.sid());
            member.clock(System.nanoTime());
            expect(
                    200,
                    stage.browsers.post(
                            "/_portcullis/back-channel-logout", "logout_token=" + token));
        }
    }

    private static void expect(int wanted, int status) throws IOException {
        if (status != wanted) {
            throw new IOException("status " + status + " (expected: " + wanted + ")");
        }
    }

    /** What the sidecar itself says of when each is over. */
    private void awaitDeadline(List<Member> members) throws Exception {
        Map<String, Listed> newest = new HashMap<>();
        for (var line : stage.command("{\"verb\":\"sessions-list\"}")) {
            var listed = parsed(line);
            if (listed.containsKey("user")) {
                // Who signed in again has a session of before beside the new one.
                newest.merge((String) listed.get("user"), Listed.of(listed), Listed::newer);
            }
        }
        Map<String, Instant> ends = new HashMap<>();
        newest.forEach((user, session) -> ends.put(user, session.ends()));
        members.forEach(member -> member.clock(nanosAt(endOf(ends, member))));
        for (var member : members) {
            sleepUntil(endOf(ends, member));
        }
    }

    private static Instant endOf(Map<String, Instant> ends, Member member) {
        return Objects.requireNonNull(ends.get(member.user()), "a session that is not listed");
    }

    private static Map<String, Object> parsed(String line) throws ParseException {
        return JSONObjectUtils.parse(line);
    }

    private void awaitRefusal(List<Member> members) throws Exception {
        sleepUntil(Instant.now().plus(SOON));
        for (var member : members) {
            member.clock(stage.people.refusedNanos(member.sid()));
        }
    }

    private void awaitTokenEnd(List<Member> members) throws Exception {
        sleepUntil(tokensEnd);
    }

    private void revoke(List<Member> members) throws Exception {
        long renamed = stage.files.revoke(members.stream().map(Member::certificate).toList());
        members.forEach(member -> member.clock(renamed));
    }

    private static void sleepUntil(Instant when) throws InterruptedException {
        var left = Duration.between(Instant.now(), when);
        if (left.isPositive()) {
            Thread.sleep(left);
        }
    }

    private static long nanosAt(Instant when) {
        return System.nanoTime() + Duration.between(Instant.now(), when).toNanos();
    }
}
