package dev.portcullis.client;

import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.id.ClientID;

/**
 * One sign-in under way: where, as whom, for what.
 *
 * @param web how to reach the issuer
 */
record SignIn(WebCalls web, Issuer issuer, ClientID clientId, Scope scope) {}
