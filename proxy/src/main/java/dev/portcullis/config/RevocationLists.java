package dev.portcullis.config;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CRLException;
import java.security.cert.X509CRL;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.openssl.PEMParser;
import org.jspecify.annotations.Nullable;

/** Reads revocation lists (RFC 5280 §5) from a file: several as PEM, or one as DER. */
final class RevocationLists {
    private static final int BYTES_MAX = 16 * 1024 * 1024;
    private static final byte DER_SEQUENCE = 0x30;

    private RevocationLists() {}

    /** The lists; empty if the file holds anything else, nothing, or is unreadable. */
    static List<X509CRL> read(Path file) {
        try {
            if (Files.size(file) > BYTES_MAX) {
                return List.of();
            }
            var bytes = Files.readAllBytes(file);
            return bytes.length > 0 && bytes[0] == DER_SEQUENCE ? List.of(der(bytes)) : pem(bytes);
        } catch (IOException | CRLException | RuntimeException _) {
            return List.of(); // Bouncy Castle throws unchecked on some malformed input.
        }
    }

    private static X509CRL der(byte[] bytes) throws IOException, CRLException {
        return new JcaX509CRLConverter().getCRL(new X509CRLHolder(bytes));
    }

    private static List<X509CRL> pem(byte[] bytes) throws IOException, CRLException {
        var lists = new ArrayList<X509CRL>();
        var text =
                new InputStreamReader(new ByteArrayInputStream(bytes), StandardCharsets.ISO_8859_1);
        try (var parser = new PEMParser(text)) {
            for (@Nullable Object found = parser.readObject();
                    found != null;
                    found = parser.readObject()) {
                if (!(found instanceof X509CRLHolder holder)) {
                    return List.of();
                }
                lists.add(new JcaX509CRLConverter().getCRL(holder));
            }
        }
        return lists;
    }
}
