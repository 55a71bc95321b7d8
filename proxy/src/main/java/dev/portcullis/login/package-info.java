/** Browser sign-in: the OpenID Connect flow, sign-out, and every page of our own. */
@NullMarked
package dev.portcullis.login;

import org.jspecify.annotations.NullMarked;
