package dev.portcullis.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.Role;
import dev.portcullis.access.UserName;
import dev.portcullis.config.AllowedUser;
import dev.portcullis.identity.Principal.Means;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AllowListTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    @Test
    void emptyList_letsNobodyIn() {
        assertThat(role(new AllowList(List.of()), "alice@example.com", NOON, "sre")).isNull();
    }

    @Test
    void userNotListed_isNotAllowed() {
        var list = new AllowList(List.of(user("alice@example.com", Role.OPERATOR, null)));
        assertThat(role(list, "alice@example.com.evil.org", NOON)).isNull();
        assertThat(role(list, "bob@example.com", NOON)).isNull();
    }

    @Test
    void userListed_hasItsRole() {
        var list = new AllowList(List.of(user("alice@example.com", Role.VIEWER, null)));
        assertThat(role(list, "alice@example.com", NOON)).isEqualTo(Role.VIEWER);
    }

    @Test
    void namesWithoutAddress_areComparedByCase() {
        var list = new AllowList(List.of(user("alice", Role.VIEWER, null)));
        assertThat(role(list, "Alice", NOON)).isNull();
    }

    @Test
    void groupOfAnotherSpelling_isNotAllowed() {
        var list = new AllowList(List.of(group("sre", Role.ADMIN, null)));
        assertThat(role(list, "bob@example.com", NOON, "SRE", "sre ", "/sre", "sre2")).isNull();
        assertThat(role(list, "bob@example.com", NOON, "dev", "sre")).isEqualTo(Role.ADMIN);
    }

    @Test
    void groupNamedLikeAUser_isNotThatUser() {
        var list = new AllowList(List.of(user("alice", Role.ADMIN, null)));
        assertThat(role(list, "mallory", NOON, "alice")).isNull();
    }

    @Test
    void userNamedLikeAGroup_isNotInThatGroup() {
        var list = new AllowList(List.of(group("sre", Role.ADMIN, null)));
        assertThat(role(list, "sre", NOON)).isNull();
    }

    @Test
    void severalLines_highestRoleWinsWhateverTheOrder() {
        var viewer = user("alice", Role.VIEWER, null);
        var operator = group("dev", Role.OPERATOR, null);
        var admin = group("sre", Role.ADMIN, null);
        for (var lines :
                List.of(List.of(viewer, operator, admin), List.of(admin, operator, viewer))) {
            var list = new AllowList(lines);
            assertThat(role(list, "alice", NOON)).isEqualTo(Role.VIEWER);
            assertThat(role(list, "alice", NOON, "dev")).isEqualTo(Role.OPERATOR);
            assertThat(role(list, "alice", NOON, "dev", "sre")).isEqualTo(Role.ADMIN);
        }
    }

    @Test
    void until_holdsBeforeTheInstantAndNotAtIt() {
        var list = new AllowList(List.of(user("alice", Role.ADMIN, NOON)));
        assertThat(role(list, "alice", NOON.minusNanos(1))).isEqualTo(Role.ADMIN);
        assertThat(role(list, "alice", NOON)).isNull();
        assertThat(role(list, "alice", NOON.plusSeconds(1))).isNull();
    }

    @Test
    void grantOver_fallsBackToTheLineThatStillHolds() {
        var list =
                new AllowList(
                        List.of(
                                user("alice", Role.VIEWER, null),
                                user("alice", Role.ADMIN, NOON),
                                group("sre", Role.OPERATOR, NOON.plusSeconds(60))));
        assertThat(role(list, "alice", NOON.minusSeconds(1), "sre")).isEqualTo(Role.ADMIN);
        assertThat(role(list, "alice", NOON, "sre")).isEqualTo(Role.OPERATOR);
        assertThat(role(list, "alice", NOON.plusSeconds(60), "sre")).isEqualTo(Role.VIEWER);
    }

    private static @Nullable Role role(AllowList list, String user, Instant at, String... groups) {
        return list.grantOf(Requests.principal(user, Means.SESSION, groups), at)
                .map(AllowList.Grant::role)
                .orElse(null);
    }

    private static AllowedUser user(String name, Role role, @Nullable Instant until) {
        return new AllowedUser(new UserName(name), null, role, until, null);
    }

    private static AllowedUser group(String name, Role role, @Nullable Instant until) {
        return new AllowedUser(null, name, role, until, null);
    }
}
