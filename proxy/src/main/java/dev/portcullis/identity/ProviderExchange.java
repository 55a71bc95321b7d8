package dev.portcullis.identity;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How one exchange with the identity provider ended. */
public sealed interface ProviderExchange {
    /** It answered, whole and within bounds, with whatever status. */
    final class Answered implements ProviderExchange {
        private final int status;
        private final @Nullable String contentType;
        private final byte[] body;

        Answered(int status, @Nullable String contentType, byte[] body) {
            this.status = status;
            this.contentType = contentType;
            this.body = body.clone();
        }

        /** The status code. */
        public int status() {
            return status;
        }

        /** The {@code Content-Type} as sent, or null. */
        public @Nullable String contentType() {
            return contentType;
        }

        /** Whether the content calls itself JSON (RFC 8259 §11, RFC 6839 §3.1). */
        public boolean isJson() {
            if (contentType == null) {
                return false;
            }
            int parameters = contentType.indexOf(';');
            var type = parameters < 0 ? contentType : contentType.substring(0, parameters);
            var name = type.strip().toLowerCase(Locale.ROOT);
            return name.equals("application/json")
                    || (name.startsWith("application/") && name.endsWith("+json"));
        }

        /** A copy of the content. */
        public byte[] body() {
            return body.clone();
        }

        /** The content as UTF-8 text; what is not UTF-8 in it becomes U+FFFD. */
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        /** Status and length: the content may be a token. */
        @Override
        public String toString() {
            return "Answered[" + status + ", " + body.length + " bytes]";
        }
    }

    /**
     * It did not.
     *
     * @param why one line for the operator's log: the URL without its query, and what went wrong
     */
    record Failed(String why) implements ProviderExchange {}
}
