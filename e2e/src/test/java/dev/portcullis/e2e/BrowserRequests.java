package dev.portcullis.e2e;

/** The requests that a browser makes with a session, as text. */
final class BrowserRequests {
    private BrowserRequests() {}

    /** The handshake of RFC 6455 §4.1, from our own origin. */
    static String handshake(String path, String cookie) {
        return "GET "
                + path
                + " HTTP/1.1\r\nHost: "
                + TestCertificates.DOOR
                + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://"
                + TestCertificates.DOOR
                + "\r\nCookie: "
                + cookie
                + "\r\n\r\n";
    }

    /** The form of our own sign-out page, sent. */
    static String signOut(String cookie) {
        return "POST /_portcullis/sign-out HTTP/1.1\r\nHost: "
                + TestCertificates.DOOR
                + "\r\nOrigin: https://"
                + TestCertificates.DOOR
                + "\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\n"
                + "Accept: text/html\r\nContent-Length: 0\r\nCookie: "
                + cookie
                + "\r\n\r\n";
    }

    /** What typing an address or following a link sends. */
    static String navigation(String target, String cookies) {
        return "GET "
                + target
                + " HTTP/1.1\r\nHost: "
                + TestCertificates.DOOR
                + "\r\nAccept: text/html,application/xhtml+xml\r\nSec-Fetch-Mode: navigate\r\n"
                + "Sec-Fetch-Dest: document\r\nSec-Fetch-Site: cross-site\r\nCookie: "
                + cookies
                + "\r\n\r\n";
    }

    /** A plain fetch. */
    static String get(String path, String cookie) {
        return "GET "
                + path
                + " HTTP/1.1\r\nHost: "
                + TestCertificates.DOOR
                + "\r\nCookie: "
                + cookie
                + "\r\n\r\n";
    }

    /** A POST whose body the caller writes. */
    static String upload(String path, String cookie, long length) {
        return "POST "
                + path
                + " HTTP/1.1\r\nHost: "
                + TestCertificates.DOOR
                + "\r\nOrigin: https://"
                + TestCertificates.DOOR
                + "\r\nContent-Length: "
                + length
                + "\r\nCookie: "
                + cookie
                + "\r\n\r\n";
    }
}
