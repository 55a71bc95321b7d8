package dev.portcullis.identity;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * The ways from a client's certificate up to an authority that is trusted, by the names in the
 * certificates only (RFC 5280 §6). The authority itself is the last of each: its own validity and
 * constraints count too. Pure, and bounded however many certificates a client sends.
 */
final class CertificatePaths {
    /** Longest way, the client's and the authority's own certificate included. */
    static final int LENGTH_MAX = 6;

    /** Most certificates that a client may send. */
    static final int SENT_MAX = 10;

    private static final int PATHS_MAX = 8;

    private final List<X509Certificate> roots;
    private final List<X509Certificate> between;
    private final List<List<X509Certificate>> found = new ArrayList<>();

    private CertificatePaths(List<X509Certificate> roots, List<X509Certificate> between) {
        this.roots = roots;
        this.between = between;
    }

    /**
     * Client's certificate first, root last, in each.
     *
     * @param between certificates that may stand between, trusted or not
     */
    static List<List<X509Certificate>> of(
            X509Certificate leaf, List<X509Certificate> roots, List<X509Certificate> between) {
        var paths = new CertificatePaths(roots, between);
        paths.follow(new ArrayList<>(List.of(leaf)));
        return paths.found;
    }

    private void follow(List<X509Certificate> path) {
        for (var root : roots) {
            if (issued(root, path.getLast()) && found.size() < PATHS_MAX) {
                var whole = new ArrayList<>(path);
                if (!root.equals(path.getLast())) {
                    whole.add(root);
                }
                found.add(whole);
            }
        }
        for (var issuer : between) {
            if (path.size() < LENGTH_MAX - 1
                    && found.size() < PATHS_MAX
                    && issued(issuer, path.getLast())
                    && !path.contains(issuer)
                    && !roots.contains(issuer)) {
                path.addLast(issuer);
                follow(path);
                path.removeLast();
            }
        }
    }

    private static boolean issued(X509Certificate issuer, X509Certificate certificate) {
        return issuer.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    }
}
