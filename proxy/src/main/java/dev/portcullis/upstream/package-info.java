/**
 * The Gateway side: connecting, relaying HTTP and WebSocket, and writing the head the Gateway sees.
 */
@NullMarked
package dev.portcullis.upstream;

import org.jspecify.annotations.NullMarked;
