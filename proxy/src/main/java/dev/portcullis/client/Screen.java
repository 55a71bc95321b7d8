package dev.portcullis.client;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/** What a person is told while they sign in. */
public interface Screen {
    /** Open this address in a browser on this machine. */
    void open(URI address);

    /**
     * Open this address in any browser, and enter the code.
     *
     * @param complete the address with the code in it, or null
     */
    void enter(URI address, String code, @Nullable URI complete);
}
