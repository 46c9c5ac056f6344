#!/bin/bash
echo "before the end"
exit 5
