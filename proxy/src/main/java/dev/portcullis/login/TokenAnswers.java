package dev.portcullis.login;

import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the provider's endpoints say when they say no, and quotes nothing that may be secret.
 */
final class TokenAnswers {
    private TokenAnswers() {}

    /** The error code of RFC 6749 §5.2, or null if the answer has none. */
    static @Nullable String errorCode(HTTPResponse answer) {
        try {
            return answer.getBodyAsJSONObject().get("error") instanceof String code ? code : null;
        } catch (ParseException noDocument) {
            return null;
        }
    }

    /** The refusal in words for the log. */
    static String refusal(HTTPResponse answer) {
        var code = errorCode(answer);
        return "answered " + answer.getStatusCode() + (code == null ? "" : " " + printable(code));
    }

    /** An error code as RFC 6749 §4.1.2.1 spells them, and nothing else of what arrived. */
    static String printable(String error) {
        return error.matches("[a-z_]{1,64}") ? error : "an unknown error code";
    }
}
