Attribute VB_Name = "Module1"
' ${Brand} ticker and orders
Private Const API_KEY As String = "${key}"
Private Const API_SECRET As String = "${secret}"
