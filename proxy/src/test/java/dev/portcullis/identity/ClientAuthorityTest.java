package dev.portcullis.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.UserName;
import dev.portcullis.audit.Reason;
import dev.portcullis.config.ClientAuthConfig;
import dev.portcullis.config.ClientAuthConfig.Mode;
import dev.portcullis.config.ClientCertificatesConfig.NameFrom;
import dev.portcullis.testing.TestAuthority;
import java.nio.file.Path;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Client certificates by RFC 5280: what is refused, and why; who is named. */
class ClientAuthorityTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final TestAuthority ROOT = TestAuthority.root("Root").at(NOW);
    private static final TestAuthority SAME_NAME = TestAuthority.root("Root").at(NOW);
    private static final TestAuthority BETWEEN = ROOT.between("Between", null);
    private static final TestAuthority SERVERS =
            ROOT.between("Servers", KeyPurposeId.id_kp_serverAuth);
    private static final TestAuthority FLAT =
            TestAuthority.root("Flat").with(0, "example.com").at(NOW);
    private static final TestAuthority BRIEF =
            TestAuthority.root("Brief").lasting(Duration.ofSeconds(-1)).at(NOW);
    private static final String ALICE = "alice@example.com";

    private static final Map<String, Supplier<List<X509Certificate>>> BAD =
            Map.ofEntries(
                    Map.entry("authority of the same name", () -> chain(SAME_NAME)),
                    Map.entry("its authority sent along", () -> withRoot(SAME_NAME)),
                    Map.entry("for servers", () -> uses(KeyPurposeId.id_kp_serverAuth)),
                    Map.entry("for any use", () -> uses(KeyPurposeId.anyExtendedKeyUsage)),
                    Map.entry("for no stated use", ClientAuthorityTest::uses),
                    Map.entry(
                            "key for encryption",
                            () -> one(leaf().keyUsage(KeyUsage.keyEncipherment))),
                    Map.entry("an authority's own", () -> one(leaf().alsoAuthority())),
                    Map.entry("the root itself", () -> List.of(ROOT.certificate())),
                    Map.entry("below an authority for servers", () -> withRoot(SERVERS)),
                    Map.entry(
                            "below a client's certificate",
                            () -> List.of(client(BETWEEN), client(ROOT))),
                    Map.entry("path longer than allowed", () -> withRoot(FLAT.between("x", null))),
                    Map.entry(
                            "name that is not permitted",
                            () -> List.of(FLAT.client("alice@evil.example"))),
                    Map.entry("two addresses", () -> one(leaf().names(mail(ALICE), mail("b@c.d")))),
                    Map.entry(
                            "one address twice", () -> one(leaf().names(mail(ALICE), mail(ALICE)))),
                    Map.entry("NUL in the address", () -> named(ALICE + "\0.evil.example")),
                    Map.entry("comma in the address", () -> named("alice@example.com,b@c.d")),
                    Map.entry("two at signs", () -> named("alice@evil@example.com")),
                    Map.entry("empty address", () -> named("")),
                    Map.entry("eleven certificates", ClientAuthorityTest::eleven));

    static List<String> bad() {
        return BAD.keySet().stream().sorted().toList();
    }

    @ParameterizedTest
    @MethodSource("bad")
    void flawedCertificate_isRefused(String flaw) {
        var all = List.of(ROOT.certificate(), FLAT.certificate());
        assertThat(judge(authority(NameFrom.SAN_EMAIL, all, null), BAD.get(flaw).get()))
                .isEqualTo(new CertificateVerdict.Bad(Reason.CERTIFICATE_INVALID));
    }

    @Test
    void goodCertificate_namesItsHolderUntilItEnds() {
        var leaf = client(ROOT);
        assertThat(judge(byMail(), List.of(leaf)))
                .isEqualTo(good(ALICE, leaf.getNotAfter().toInstant()));
        assertThat(judge(byMail(), withRoot(BETWEEN))).isInstanceOf(CertificateVerdict.Good.class);
    }

    @Test
    void authorityBetweenInOurFile_needsNotBeSent() {
        var authorities = List.of(BETWEEN.certificate(), ROOT.certificate());
        assertThat(judge(authority(NameFrom.SAN_EMAIL, authorities, null), chain(BETWEEN)))
                .isInstanceOf(CertificateVerdict.Good.class);
        assertThat(judge(byMail(), chain(BETWEEN)))
                .as("nobody knows who stands between")
                .isInstanceOf(CertificateVerdict.Bad.class);
    }

    @Test
    void outsideItsTime_isRefusedAtTheVeryInstant() {
        var until = NOW.plusSeconds(10);
        var certificate = certificate(one(leaf().names(mail(ALICE)).until(until)));
        var expired = new CertificateVerdict.Bad(Reason.CERTIFICATE_EXPIRED);
        assertThat(byMail().judge(certificate, until.minusSeconds(1)))
                .isEqualTo(good(ALICE, until));
        assertThat(byMail().judge(certificate, until.plusSeconds(1))).isEqualTo(expired);
        var early = certificate(one(leaf().names(mail(ALICE)).from(NOW.plusSeconds(1))));
        assertThat(byMail().judge(early, NOW)).isEqualTo(expired);
        assertThat(
                        judge(
                                authority(NameFrom.SAN_EMAIL, List.of(BRIEF.certificate()), null),
                                chain(BRIEF)))
                .as("expired authority")
                .isEqualTo(expired);
    }

    @Test
    void sameAuthorityAsksOnceAndNoticesTheEnd() {
        var certificate = certificate(one(leaf().until(NOW.plusSeconds(10))));
        var authority = byMail();
        var first = authority.judge(certificate, NOW);
        assertThat(authority.judge(certificate, NOW.plusSeconds(9))).isSameAs(first);
        assertThat(authority.judge(certificate, NOW.plusSeconds(11))).isNotEqualTo(first);
        assertThat(byMail().judge(certificate, NOW)).isEqualTo(first).isNotSameAs(first);
    }

    @Test
    void revoked_isRefusedAndOthersAreNot() {
        var revoked = client(ROOT);
        var lists = List.of(ROOT.revocations(revoked).crl());
        var bad = new CertificateVerdict.Bad(Reason.CERTIFICATE_REVOKED);
        assertThat(judge(withLists(lists), List.of(revoked))).isEqualTo(bad);
        var listEnds = lists.getFirst().getNextUpdate().toInstant();
        assertThat(judge(withLists(lists), chain(ROOT))).isEqualTo(good(ALICE, listEnds));
    }

    /** As while an authority gets another key, and its serial numbers begin anew. */
    @Test
    void listOfANamesake_revokesNothing() {
        var leaf = client(ROOT);
        var lists = List.of(SAME_NAME.revocations(leaf).crl(), ROOT.revocations().crl());
        var both = List.of(SAME_NAME.certificate(), ROOT.certificate());
        assertThat(judge(authority(NameFrom.SAN_EMAIL, both, lists), List.of(leaf)))
                .isInstanceOf(CertificateVerdict.Good.class);
    }

    @Test
    void revokedAuthority_takesItsClientsAlong() {
        var lists =
                List.of(ROOT.revocations(BETWEEN.certificate()).crl(), BETWEEN.revocations().crl());
        assertThat(judge(withLists(lists), withRoot(BETWEEN)))
                .isEqualTo(new CertificateVerdict.Bad(Reason.CERTIFICATE_REVOKED));
    }

    @Test
    void noUsableList_meansNotKnown() {
        var unknown = new CertificateVerdict.Bad(Reason.CERTIFICATE_STATUS_UNKNOWN);
        var unusable =
                List.of(
                        ROOT.revocations().until(NOW).crl(),
                        ROOT.revocations().until(NOW.minusSeconds(60)).crl(),
                        ROOT.revocations().until(null).crl(),
                        ROOT.revocations().from(NOW.plusSeconds(61)).crl(),
                        SAME_NAME.revocations().crl(),
                        FLAT.revocations().crl());
        for (var list : unusable) {
            assertThat(judge(withLists(List.of(list)), chain(ROOT))).isEqualTo(unknown);
        }
        assertThat(judge(withLists(List.of(ROOT.revocations().crl())), withRoot(BETWEEN)))
                .as("nothing is known of the one between")
                .isEqualTo(unknown);
        assertThat(withLists(List.of(unusable.getFirst())).isOutOfDate(NOW)).isTrue();
    }

    @Test
    void nameInAnotherPlace_namesNobody() {
        var elsewhere =
                List.of(
                        leaf().names(new GeneralName(GeneralName.dNSName, ALICE)),
                        leaf().names(
                                        new GeneralName(
                                                GeneralName.uniformResourceIdentifier,
                                                "mailto:" + ALICE)),
                        leaf().subject(new X500Principal("CN=alice@example.com")),
                        leaf().subject(
                                        new X500Principal(
                                                "EMAILADDRESS=alice@example.com",
                                                Map.of("EMAILADDRESS", "1.2.840.113549.1.9.1"))));
        for (var leaf : elsewhere) {
            assertThat(judge(byMail(), one(leaf)))
                    .isInstanceOfSatisfying(
                            CertificateVerdict.Good.class,
                            verdict -> assertThat(verdict.user()).isNull());
        }
    }

    @Test
    void otherPlaces_byChoice() {
        var uri = new GeneralName(GeneralName.uniformResourceIdentifier, "spiffe://a/b");
        assertThat(userBy(NameFrom.SAN_URI, leaf().names(uri, mail(ALICE))))
                .isEqualTo(new UserName("spiffe://a/b"));
        var common = leaf().subject(new X500Principal("CN=Bob@Example.com,O=x")).names(mail(ALICE));
        assertThat(userBy(NameFrom.SUBJECT_CN, common)).isEqualTo(new UserName("bob@example.com"));
        var twice = leaf().subject(new X500Principal("CN=alice,CN=bob"));
        assertThat(
                        judge(
                                authority(NameFrom.SUBJECT_CN, List.of(ROOT.certificate()), null),
                                one(twice)))
                .isInstanceOf(CertificateVerdict.Bad.class);
        assertThat(userBy(null, leaf().names(mail(ALICE)))).isNull();
    }

    private static UserName userBy(NameFrom from, TestAuthority.Leaf leaf) {
        var verdict = judge(authority(from, List.of(ROOT.certificate()), null), one(leaf));
        return ((CertificateVerdict.Good) verdict).user();
    }

    private static CertificateVerdict good(String user, Instant endsAt) {
        return new CertificateVerdict.Good(new UserName(user), endsAt);
    }

    private static ClientAuthority byMail() {
        return authority(NameFrom.SAN_EMAIL, List.of(ROOT.certificate()), null);
    }

    private static ClientAuthority withLists(List<X509CRL> lists) {
        return authority(NameFrom.SAN_EMAIL, List.of(ROOT.certificate()), lists);
    }

    private static ClientAuthority authority(
            NameFrom from, List<X509Certificate> authorities, List<X509CRL> lists) {
        var crl = lists == null ? null : Path.of("clients.crl");
        return new ClientAuthority(
                new ClientAuthConfig(
                        Mode.OPTIONAL,
                        Path.of("clients.crt"),
                        crl,
                        authorities,
                        lists == null ? List.of() : lists),
                from);
    }

    private static CertificateVerdict judge(ClientAuthority authority, List<X509Certificate> sent) {
        return authority.judge(certificate(sent), NOW);
    }

    private static ClientCertificate certificate(List<X509Certificate> sent) {
        return ClientCertificate.of(sent);
    }

    private static TestAuthority.Leaf leaf() {
        return ROOT.leaf();
    }

    private static X509Certificate client(TestAuthority authority) {
        return authority.client(ALICE);
    }

    private static List<X509Certificate> chain(TestAuthority authority) {
        return List.of(client(authority));
    }

    private static List<X509Certificate> withRoot(TestAuthority authority) {
        var chain = new ArrayList<>(chain(authority));
        chain.addAll(authority.chain());
        return chain;
    }

    private static List<X509Certificate> one(TestAuthority.Leaf leaf) {
        return List.of(leaf.certificate());
    }

    private static List<X509Certificate> uses(KeyPurposeId... uses) {
        return one(leaf().names(mail(ALICE)).uses(uses));
    }

    private static List<X509Certificate> named(String address) {
        return one(
                leaf().names(new GeneralName(GeneralName.rfc822Name, new DERIA5String(address))));
    }

    private static List<X509Certificate> eleven() {
        var sent = new ArrayList<>(chain(ROOT));
        sent.addAll(Collections.nCopies(10, ROOT.certificate()));
        return sent;
    }

    private static GeneralName mail(String address) {
        return new GeneralName(GeneralName.rfc822Name, address);
    }
}
