package dev.portcullis.demo;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jwt.JWTClaimsSet;
import java.io.IOException;
import java.io.OutputStream;

/**
 * How the development identity provider strays from the truth. Tests of a hostile, slow or broken
 * provider override what they need; every method otherwise returns what an honest one says. Called
 * on the request's own virtual thread, which may block.
 */
public interface Behaviour {

    /** Says the truth, at once. */
    Behaviour HONEST = new Behaviour() {};

    /** The claims of an ID token before it is signed. */
    default JWTClaimsSet claims(JWTClaimsSet honest) {
        return honest;
    }

    /** The header of an ID token before it is signed; its algorithm must fit the key. */
    default JWSHeader header(JWSHeader honest) {
        return honest;
    }

    /** The private key that signs an ID token. */
    default JWK signingKey(JWK honest) {
        return honest;
    }

    /** An ID token as it is handed out, such as one with its signature cut off. */
    default String idToken(String honest) {
        return honest;
    }

    /**
     * Any answer, before it is sent: another status, a changed document, a {@code Location} without
     * {@code iss}. Block here to be slow.
     */
    default Answer answer(Endpoint endpoint, Answer honest) throws InterruptedException {
        return honest;
    }

    /** Sends the body: drop by drop, endlessly, or cut short by an exception. */
    default void send(Endpoint endpoint, byte[] body, OutputStream to)
            throws IOException, InterruptedException {
        to.write(body);
    }
}
