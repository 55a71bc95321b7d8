package dev.portcullis.edge;

import dev.portcullis.http.RequestHead;
import dev.portcullis.login.ClientInfo;
import dev.portcullis.login.OwnRoutes;

/**
 * A request to one of our own routes, on its way from the gate. Its body follows it.
 *
 * @param routes of the configuration under which the request began
 * @param head what is asked
 * @param client who asks; the request id in it tells one call from the next
 */
record OwnCall(OwnRoutes routes, RequestHead head, ClientInfo client) {}
