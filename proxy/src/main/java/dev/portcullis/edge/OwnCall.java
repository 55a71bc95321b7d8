package dev.portcullis.edge;

import dev.portcullis.http.RequestHead;
import dev.portcullis.login.ClientInfo;

/**
 * A request to one of our own routes, on its way from the gate. Its body follows it.
 *
 * @param head what is asked
 * @param client who asks; the request id in it tells one call from the next
 */
record OwnCall(RequestHead head, ClientInfo client) {}
